//! What the rules of the grammar are called when we speak of them.

use super::grammar::Rule;

/// What was expected, each thing once, in the grammar's order.
pub fn expected(rules: &[Rule]) -> Vec<&'static str> {
    let mut words = Vec::new();
    for word in rules.iter().filter_map(|&rule| word(rule)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Whether a rule is a clause or another part that may follow the head of a declaration.
pub fn is_clause(rule: Rule) -> bool {
    word(rule) == Some("a clause")
}

/// `None` for rules that an error is never about: space, the insides of expressions, whole files.
fn word(rule: Rule) -> Option<&'static str> {
    value_word(rule)
        .or_else(|| declaration_word(rule))
        .or_else(|| fixed_word(rule))
        .or_else(|| clause_word(rule))
}

fn value_word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::name => "a name",
        Rule::names => "the parameters in brackets",
        Rule::parameters => "the parameters and ports in brackets",
        Rule::parameter => "a parameter",
        Rule::arguments => "the arguments in brackets",
        Rule::argument | Rule::expression | Rule::inner_expression => "a value",
        Rule::quantity => "a number with its unit",
        Rule::text => "a text in double quotes",
        Rule::key | Rule::field | Rule::variable => "a key",
        Rule::item_type | Rule::type_name | Rule::array_type | Rule::record_type => "a type",
        Rule::order_kind => "`fifo`, `lifo` or `priority`",
        Rule::drop_kind => "`oldest` or `newest`",
        Rule::exec_format => "`lines`, `json`, `bytes` or `nul`",
        Rule::failure_policy => "`stop`, `continue`, `ignore` or `restart`",
        Rule::allow_kind | Rule::allowance => "`read`, `write`, `run` or `net`",
        Rule::size => "a number in brackets",
        Rule::block => "a body in braces",
        Rule::call | Rule::stage | Rule::module => "a call",
        _ => return None,
    })
}

fn declaration_word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::param
        | Rule::constant
        | Rule::function
        | Rule::import
        | Rule::queue
        | Rule::process
        | Rule::thread
        | Rule::shared
        | Rule::plain_shared
        | Rule::plain_kind
        | Rule::sized_shared
        | Rule::sized_kind
        | Rule::counter
        | Rule::start
        | Rule::pipe
        | Rule::main
        | Rule::item
        | Rule::flavour
        | Rule::declaration_word => "a declaration",
        _ => return None,
    })
}

fn fixed_word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::end | Rule::EOI => "the end of the line",
        Rule::rest => "`...`",
        Rule::as_word => "`as`",
        Rule::queue_word => "`queue`",
        Rule::full_word => "`full`",
        Rule::letter_word => "`letter`",
        Rule::failure_word => "`failure`",
        Rule::in_word => "`in`",
        Rule::direction => "`in` or `out`",
        Rule::unbounded => "`unbounded`",
        Rule::wait => "`wait`",
        Rule::drop => "`drop`",
        Rule::exec => "`exec`",
        Rule::native => "`native`",
        Rule::nothing => "`nothing`",
        Rule::optional => "`?`",
        Rule::array => "`[`",
        Rule::round_start => "`(`",
        Rule::round_end => "`)`",
        Rule::square_end => "`]`",
        Rule::map_start => "`#{`",
        Rule::curly_end => "`}`",
        Rule::comma => "`,`",
        Rule::colon | Rule::label => "`:`",
        Rule::double_colon => "`::`",
        Rule::arrow => "`->`",
        Rule::equals => "`=`",
        _ => return None,
    })
}

fn clause_word(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::of
        | Rule::capacity
        | Rule::order
        | Rule::when_full
        | Rule::redeliver
        | Rule::dead_letter
        | Rule::daemon
        | Rule::on_failure
        | Rule::restart
        | Rule::backoff
        | Rule::timeout
        | Rule::nice
        | Rule::memory
        | Rule::cpu
        | Rule::cwd
        | Rule::env
        | Rule::allow
        | Rule::times
        | Rule::each
        | Rule::condition
        | Rule::after => Some("a clause"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules that no error is about: they always match, or stand inside of what is named as a whole.
    const WORDLESS: &[&str] = &[
        "file",
        "byte_order_mark",
        "shebang",
        "documentation",
        "documentation_text",
        "declaration_only",
        "declaration",
        "junk",
        "junk_piece",
        "queue_clause",
        "process_clause",
        "word",
        "word_end",
        "word_character",
        "newline",
        "space",
        "blank",
        "gap",
        "comment",
        "line_comment",
        "block_comment",
        "block_text",
        "infix",
        "operator",
        "member_sign",
        "operand",
        "prefix",
        "primary",
        "postfix",
        "number",
        "exponent",
        "radix",
        "value_word",
        "closure_head",
        "inner_piece",
        "inner_end",
        "piece",
        "group",
        "signs",
        "closing",
        "literal",
        "string",
        "character",
        "template",
        "raw_string",
    ];

    #[test]
    fn every_other_rule_has_a_word() {
        let without = Rule::all_rules().iter().filter(|&&rule| word(rule).is_none());
        let without: Vec<String> = without.map(|rule| format!("{rule:?}")).collect();
        assert_eq!(without, WORDLESS);
    }
}

//! The border to pest: the parser made of `grammar/procession.pest`, and nothing else of the crate knows pest.

use std::iter::{Filter, Peekable};

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pairs;

#[derive(pest_derive::Parser)]
#[grammar = "grammar/procession.pest"]
struct Grammar;

/// A piece of the text that a rule of the grammar has matched.
pub type Pair<'a> = pest::iterators::Pair<'a, Rule>;

/// Where a text stops being what it should be, and the rules that were tried there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub offset: usize,
    pub expected: Vec<Rule>,
}

/// The declarations, documentation lines and junk of a whole file, in order.
pub fn file(text: &str) -> Result<Parts<'_>, Failure> {
    let mut pairs = Grammar::parse(Rule::file, text).map_err(|error| failure(&error))?;
    Ok(pairs.next().map_or_else(Parts::empty, Parts::of))
}

/// Why this text does not begin with a declaration, or goes on after it.
pub fn why_not_declaration(text: &str) -> Option<Failure> {
    Grammar::parse(Rule::declaration_only, text).err().map(|error| failure(&error))
}

fn failure(error: &Error<Rule>) -> Failure {
    let (InputLocation::Pos(offset) | InputLocation::Span((offset, _))) = error.location;
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Failure { offset, expected }
}

/// The parts of a matched text, taken one by one from the front; words and signs between them are left out.
pub struct Parts<'a>(Option<Peekable<Filter<Pairs<'a, Rule>, IsPart<'a>>>>);

type IsPart<'a> = fn(&Pair<'a>) -> bool;

fn is_part(pair: &Pair) -> bool {
    !matches!(
        pair.as_rule(),
        Rule::as_word
            | Rule::queue_word
            | Rule::full_word
            | Rule::letter_word
            | Rule::failure_word
            | Rule::in_word
            | Rule::round_start
            | Rule::round_end
            | Rule::square_end
            | Rule::map_start
            | Rule::curly_end
            | Rule::comma
            | Rule::colon
            | Rule::double_colon
            | Rule::arrow
            | Rule::equals
            | Rule::nothing
    )
}

impl<'a> Parts<'a> {
    pub fn of(pair: Pair<'a>) -> Self {
        Parts(Some(pair.into_inner().filter(is_part as IsPart).peekable()))
    }

    fn empty() -> Self {
        Parts(None)
    }

    /// The next part, when it is of this rule.
    pub fn next_of(&mut self, rule: Rule) -> Option<Pair<'a>> {
        self.0.as_mut()?.next_if(|pair| pair.as_rule() == rule)
    }

    /// The next part, when it is of none of these rules.
    pub fn next_unless(&mut self, rules: &[Rule]) -> Option<Pair<'a>> {
        self.0.as_mut()?.next_if(|pair| !rules.contains(&pair.as_rule()))
    }

    /// Whether the next part is of this rule; it is then passed over.
    pub fn pass(&mut self, rule: Rule) -> bool {
        self.next_of(rule).is_some()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        self.0.as_mut()?.next()
    }
}

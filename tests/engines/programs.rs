//! Programs made by dice: from a grammar of what bodies do, and by mixing the words of others.

use std::time::{Duration, Instant};

/// A small generator of numbers; the same seed gives the same program.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides.max(1)
    }

    pub fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

struct Writer<'d> {
    dice: &'d mut Dice,
    depth: usize,
    /// Whether it is in the function that methods call.
    within: bool,
}

/// A program over variables of every type; its value is all of them.
pub fn generated(dice: &mut Dice) -> String {
    let mut writer = Writer { dice, depth: 1, within: true };
    let mut text = String::new();
    if writer.dice.roll(2) == 0 {
        text = format!(
            "fn own(x) {{\nlet a = x; let b = this; let c = \"ab\"; let d = [x]; let e = #{{k: 1, l: []}}; let f = |x| x;\n\
             {}if {} {{ return {} }}\n{}this = {};\n{}\n}}\n",
            writer.statement(),
            writer.condition(),
            writer.dice.of(&["this", "a", "[this, x]", "d"]),
            writer.statement(),
            writer.value(),
            writer.dice.of(&["this", "b", "return this", "()"]),
        );
    }
    (writer.within, writer.depth) = (text.is_empty(), 0);
    text.push_str(
        "let a = 1; let b = 2.5; let c = \"xy\"; let d = [1, 2, 3]; let e = #{k: 1, l: [2]}; let f = |x| x;\n",
    );
    for _ in 0..=writer.dice.roll(6) {
        text.push_str(&writer.statement());
    }
    text + "[a, b, c, d, e]"
}

impl Writer<'_> {
    fn statement(&mut self) -> String {
        self.depth += 1;
        let choice = if self.depth > 3 { self.dice.roll(7) } else { self.dice.roll(19) };
        let name = self.dice.of(&NAMES[..5]);
        let text = match choice {
            0 => format!("{name} = {};\n", self.value()),
            1 => format!(
                "{name} {} {};\n",
                self.dice.of(&["+=", "-=", "*=", "/=", "%=", "<<=", "&="]),
                self.value()
            ),
            2 => format!("let {name} = {};\n", self.value()),
            3 => format!("d[{}] {} {};\n", self.value(), self.dice.of(&["=", "+="]), self.value()),
            4 => format!(
                "e.{} {} {};\n",
                self.dice.of(&["k", "l", "m"]),
                self.dice.of(&["=", "+="]),
                self.value()
            ),
            5 => format!("print({});\n", self.value()),
            6 => format!("d.push({});\n", self.value()),
            7 => format!(
                "if {} {{\n{}}} else {{\n{}}}\n",
                self.condition(),
                self.statement(),
                self.statement()
            ),
            8 => format!("for {name} in {} {{\n{}}}\n", self.walked(), self.statement()),
            9 => format!(
                "try {{\n{}}} catch (err) {{\nprint(err);\n{}}}\n",
                self.statement(),
                self.statement()
            ),
            // It may call itself.
            10 => format!("f = |x| {{\nfit([x, a, b, c, d, e]); {}x\n}};\n", self.statement()),
            11 => format!("{{\n{}{}}}\n", self.statement(), self.statement()),
            12 => format!(
                "{name} = switch {} {{ 1 => {}, 0..5 => 7, \"xy\" => {}, _ => 3 }};\n",
                self.value(),
                self.value(),
                self.value()
            ),
            13 => format!(
                "let n = 0; while n < 3 {{ n += 1;\n{}{} }}\n",
                self.statement(),
                self.dice.of(&["", "break;", "continue;"])
            ),
            14 => format!("e.l.push({}); d = d.map(|x| {});\n", self.value(), self.value()),
            15..=17 => self.method_statement(choice),
            _ => format!("throw {};\n", self.value()),
        };
        self.depth -= 1;
        let grows = matches!(choice, 0..=4 | 6 | 8 | 10 | 12..=17);
        if grows { text + "fit([a, b, c, d, e]);\n" } else { text }
    }

    /// What is called on a value, or on a piece of one, and may change it.
    fn method_statement(&mut self, choice: usize) -> String {
        match choice {
            15 => {
                let mut piece = self.dice.of(&[
                    "c[1]",
                    "c[0..2]",
                    "c[-1]",
                    "c?[1..=1]",
                    "e.k[0]",
                    "a[2..5]",
                    "a[1]",
                    "b[0]",
                ]);
                // docs/design/engine.md says what Rhai makes of these.
                if !cfg!(as_in_rhai) && (piece.contains('-') || piece.contains('=')) {
                    piece = "c[0]";
                }
                let change = self.dice.of(&[
                    "make_upper()",
                    "pop()",
                    "clear()",
                    "take()",
                    "set_bit(1, true)",
                    "set_bits(0..=1, 2)",
                    "replace(\"x\", \"zz\")",
                    "crop(1)",
                    "len()",
                    "trim()",
                    "push('q')",
                ]);
                format!("print({piece}.{change});\n")
            }
            16 if !self.within => format!("print({}.own({}));\n", self.owner(), self.value()),
            17 if !self.within => {
                format!(
                    "print({}.call({}, {}));\n",
                    self.owner(),
                    self.dice.of(&["Fn(\"own\")", "f"]),
                    self.value()
                )
            }
            _ => format!("print({}.{});\n", self.owner(), self.method()),
        }
    }

    /// What a method may be called on.
    fn owner(&mut self) -> &'static str {
        self.dice.of(&[
            "a", "b", "c", "d", "e", "e.k", "e.l", "d[0]", "e[\"k\"]", "LIST[0]", "LIMIT", "TABLE.a",
            "d[0..1]",
        ])
    }

    fn condition(&mut self) -> String {
        let sign = self.dice.of(&["<", "<=", ">", ">=", "==", "!="]);
        let one = format!("{} {sign} {}", self.value(), self.value());
        match self.dice.roll(4) {
            0 => format!("{one} && {}", self.value()),
            1 => format!("{one} || {one}"),
            2 => format!("!({one})"),
            _ => one,
        }
    }

    fn walked(&mut self) -> String {
        match self.dice.roll(4) {
            0 => "d".to_owned(),
            1 => "0..3".to_owned(),
            2 => "c".to_owned(),
            _ => self.value(),
        }
    }

    fn value(&mut self) -> String {
        self.depth += 1;
        let choice = if self.depth > 4 { self.dice.roll(4) } else { self.dice.roll(17) };
        let text = match choice {
            0 | 1 => self.dice.of(&NAMES).to_owned(),
            2 => self.constant().to_owned(),
            3 => self.dice.of(&["LIMIT", "LIST", "TABLE"]).to_owned(),
            4 | 5 => format!("({} {} {})", self.value(), self.operator(), self.value()),
            6 => format!("[{}, {}]", self.value(), self.value()),
            7 => format!("#{{k: {}, z: {}}}", self.value(), self.value()),
            8 => format!("d[{}]", self.value()),
            9 => format!("e.{}", self.dice.of(&["k", "l", "k.x", "l[0]", "nothing", "l.len"])),
            10 => format!("`${{{}}}-${{{}}}`", self.value(), self.value()),
            11 => format!("f.call({})", self.value()),
            12 => {
                format!("{}({})", self.dice.of(&["twice", "grow", "risky", "type_of", "len"]), self.value())
            }
            13 => format!("{}.{}", self.value(), self.method()),
            14 => format!("(if {} {{ {} }} else {{ {} }})", self.condition(), self.value(), self.value()),
            15 => format!("{{ a = {}; {} }}", self.value(), self.value()),
            _ => format!("({} ?? {})", self.value(), self.value()),
        };
        self.depth -= 1;
        text
    }

    fn method(&mut self) -> String {
        match self.dice.roll(10) {
            0 => format!("contains({})", self.value()),
            1 => format!("filter(|x| x == {})", self.value()),
            2 => format!("map(|x| [x, {}])", self.value()),
            3 => format!("reduce(|s, x| {}, 0)", self.dice.of(&["x", "s", "[s, x]"])),
            4 => format!("get({})", self.value()),
            5 => format!("index_of({})", self.value()),
            6 => format!("push({})", self.value()),
            _ => self
                .dice
                .of(&[
                    "len()",
                    "pop()",
                    "keys()",
                    "to_string()",
                    "is_empty()",
                    "mine()",
                    "abs()",
                    "split(\"x\")",
                    "len",
                    "reverse()",
                ])
                .to_owned(),
        }
    }

    fn operator(&mut self) -> &'static str {
        self.dice.of(&["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "==", "!=", "<", ">="])
    }

    fn constant(&mut self) -> &'static str {
        self.dice.of(&[
            "0",
            "1",
            "-1",
            "2",
            "63",
            "64",
            "9223372036854775807",
            "0.0",
            "1.5",
            "-2.5",
            "1e300",
            "\"\"",
            "\"abc\"",
            "'c'",
            "true",
            "false",
            "()",
            "[]",
            "#{}",
            "0..3",
            "1..=2",
        ])
    }
}

const TEXTS: [&str; 9] = [
    include_str!("values.rhai"),
    include_str!("operators.rhai"),
    include_str!("statements.rhai"),
    include_str!("functions.rhai"),
    include_str!("errors.rhai"),
    include_str!("containers.rhai"),
    include_str!("reference.rhai"),
    include_str!("fused.rhai"),
    include_str!("found.rhai"),
];

/// A program of the chapters, or a body of a script, with some words exchanged for words of others.
pub fn mutated(dice: &mut Dice) -> String {
    loop {
        let program = mixed(dice);
        if !doubles(&program) {
            return program;
        }
    }
}

/// Whether something is put into itself: Rhai copies it each time, until no memory is left.
fn doubles(program: &str) -> bool {
    let words: Vec<_> = words(program).into_iter().filter(|word| !word.trim().is_empty()).collect();
    words.iter().enumerate().any(|(at, name)| {
        let behind = &words[at + 1..];
        let grows = match behind {
            [".", "push" | "append" | "insert" | "mixin" | "fill_with" | "put" | "set", ..]
            | ["+" | "*" | "=", ..] => true,
            ["[" | ".", .., _] => behind.iter().take(9).any(|word| *word == "="),
            _ => false,
        };
        let is_name = kind(name) == 1;
        let again = behind.iter().take_while(|word| **word != ";").take(12).filter(|word| *word == name);
        is_name && grows && again.count() > usize::from(behind.first() == Some(&"="))
    })
}

fn mixed(dice: &mut Dice) -> String {
    let mut words = words(program(dice));
    for _ in 0..=dice.roll(3) {
        let others = self::words(program(dice));
        let mut at = dice.roll(words.len());
        // Rather not a sign that only holds the text together.
        for _ in 0..3 {
            at = if kind(words[at]) < 3 { at } else { dice.roll(words.len()) };
        }
        let from = dice.roll(others.len());
        match dice.roll(3) {
            0 if words.len() > 1 && dice.roll(3) == 0 => drop(words.remove(at)),
            1 if dice.roll(2) == 0 => words.insert(at, others[from]),
            // By one of its kind, for the most part, so that it can be read.
            _ => {
                let alike = |word: &&&str| kind(word) == kind(words[at]);
                let other = others[from..].iter().find(alike).filter(|_| dice.roll(4) > 0);
                words[at] = other.unwrap_or(&others[from]);
            }
        }
    }
    words.concat()
}

fn program(dice: &mut Dice) -> &'static str {
    let number = dice.roll(2 * TEXTS.len());
    let Some(text) = TEXTS.get(number) else {
        let bodies = super::bodies::bodies();
        return &bodies[dice.roll(bodies.len())];
    };
    let all: Vec<&str> = text.split("\n\n").map(str::trim).filter(|program| !program.is_empty()).collect();
    all[dice.roll(all.len())]
}

/// The same without the words that make no difference, or what is left of it after a minute.
pub fn shortened(program: &str, differs: impl Fn(&str) -> bool) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    // Without these it might grow for ever.
    let is_bounded =
        |text: &str| ["fit", "n += 1"].iter().all(|bound| !program.contains(bound) || text.contains(bound));
    let growing = |text: &str| {
        let count = |word| text.matches(word).count();
        (count("push(") + count("insert(") + count("+=")).saturating_sub(count(".len < "))
    };
    let growing_max = growing(program);
    let mut words = words(program);
    let mut length = words.len() / 2;
    while length > 0 {
        let mut at = 0;
        while at + length <= words.len() && Instant::now() < end {
            let without = [&words[..at], &words[at + length..]].concat();
            let text = without.concat();
            if is_bounded(&text) && growing(&text) <= growing_max && differs(&text) {
                words = without;
            } else {
                at += (length / 4).max(1);
            }
        }
        length /= 2;
    }
    words.concat()
}

const KEYWORDS: [&str; 24] = [
    "let", "const", "fn", "if", "else", "for", "in", "while", "loop", "do", "switch", "try", "catch",
    "throw", "return", "break", "continue", "this", "call", "print", "type_of", "until", "curry", "Fn",
];

/// What words can stand for each other: numbers, names, operators; the others hold a text together.
fn kind(word: &str) -> u8 {
    match word.chars().next() {
        Some('0'..='9') => 0,
        _ if KEYWORDS.contains(&word) => 5,
        Some(first) if first.is_alphabetic() => 1,
        Some('+' | '-' | '*' | '/' | '%' | '<' | '>' | '&' | '|' | '^') => 2,
        Some(first) if first.is_whitespace() => 3,
        _ => 4,
    }
}

/// Names and numbers, and single signs.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |char: char| char.is_alphanumeric() || char == '_';
        let end = if is_word(first) {
            rest.find(|char| !is_word(char)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..end]);
        rest = &rest[end..];
    }
    words
}

//! Programs whose types fit, so that they run to their end: loops within loops, what they share, and what they change.

#![allow(clippy::too_many_lines)] // The longest are lists of what there can be.

use super::programs::Dice;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Int,
    Float,
    Bool,
    Text,
    /// Of ints, as the next two.
    List,
    Table,
    Map,
    Function,
}

const TYPES: [Type; 8] =
    [Type::Int, Type::Float, Type::Bool, Type::Text, Type::List, Type::Table, Type::Map, Type::Function];
const DEPTH_MAX: usize = 3;

struct Variable {
    name: String,
    kind: Type,
    constant: bool,
}

struct Writer<'d> {
    dice: &'d mut Dice,
    scope: Vec<Variable>,
    /// How many names there have been.
    names: usize,
    depth: usize,
    loops: usize,
    within_function: bool,
}

/// A program that prints what it computes; its value is all that is left.
pub fn typed(dice: &mut Dice) -> String {
    let mut writer = Writer { dice, scope: Vec::new(), names: 0, depth: 0, loops: 0, within_function: false };
    let mut text = writer.functions();
    for kind in TYPES {
        let value = writer.value(kind);
        text += &writer.declared(kind, &value);
    }
    for _ in 0..2 + writer.dice.roll(6) {
        let statement = writer.statement();
        // What fails is to end only a part. What is declared is to be seen by all.
        let is_declared = statement.starts_with("let ") || statement.starts_with("const ");
        if is_declared || writer.dice.roll(6) == 0 {
            text += &statement;
        } else {
            write!(text, "try {{\n{statement}}} catch (err) {{ print(err); }}\n")
                .expect("a string takes all");
        }
    }
    let all: Vec<_> = writer.scope.iter().filter(|variable| variable.kind != Type::Function).collect();
    let all: Vec<_> = all.iter().map(|variable| variable.name.as_str()).collect();
    text + &format!("[{}]", all.join(", "))
}

impl Writer<'_> {
    /// Two that may call each other, ever less deep.
    fn functions(&mut self) -> String {
        let mut text = String::new();
        for (name, other) in [("one", "two"), ("two", "one")] {
            let outside = std::mem::take(&mut self.scope);
            self.within_function = true;
            for (param, kind) in [("n", Type::Int), ("x", Type::Int), ("l", Type::List)] {
                self.scope.push(Variable { name: param.to_owned(), kind, constant: false });
            }
            let first = self.statement();
            let value = self.value(Type::Int);
            let next = self.dice.of(&[other, name]);
            writeln!(
                text,
                "fn {name}(n, x, l) {{\nif n <= 0 {{ return x; }}\nlet r = {next}(n - 1, x, l);\n{first}r + {value}\n}}"
            )
            .expect("a string takes all");
            self.within_function = false;
            self.scope = outside;
        }
        text
    }

    fn declared(&mut self, kind: Type, value: &str) -> String {
        // A name may hide an older one.
        let hides = self.names > 8 && self.dice.roll(6) == 0;
        let number = if hides { self.dice.roll(self.names) } else { self.names };
        self.names += usize::from(!hides);
        let name = format!("v{number}");
        let constant = self.dice.roll(9) == 0;
        self.scope.push(Variable { name: name.clone(), kind, constant });
        format!("{} {name} = {value};\n", if constant { "const" } else { "let" })
    }

    /// A variable of this type that can be seen, and that can be changed if that is asked.
    fn variable(&mut self, kind: Type, changed: bool) -> Option<String> {
        let is_hidden = |at: usize, name: &str| self.scope[at + 1..].iter().any(|later| later.name == name);
        let fitting: Vec<_> = (self.scope.iter().enumerate())
            .filter(|(_, variable)| variable.kind == kind && !(changed && variable.constant))
            .filter(|(at, variable)| !is_hidden(*at, &variable.name))
            .map(|(_, variable)| variable.name.clone())
            .collect();
        let names: Vec<&str> = fitting.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| self.dice.of(&names).to_owned())
    }

    /// A block with its own names.
    fn block(&mut self, with: &[(&str, Type)], count: usize) -> String {
        let before = self.scope.len();
        for (name, kind) in with {
            self.scope.push(Variable { name: (*name).to_owned(), kind: *kind, constant: false });
        }
        self.depth += 1;
        let text: String = (0..=self.dice.roll(count)).map(|_| self.statement()).collect();
        self.depth -= 1;
        self.scope.truncate(before);
        format!("{{\n{text}}}")
    }

    fn repeated(&mut self, with: &[(&str, Type)]) -> String {
        self.loops += 1;
        let text = self.block(with, 3);
        self.loops -= 1;
        text
    }

    fn statement(&mut self) -> String {
        if self.depth >= DEPTH_MAX {
            return self.short_statement();
        }
        match self.dice.roll(16) {
            0 => {
                let kind = TYPES[self.dice.roll(TYPES.len())];
                let value = self.value(kind);
                self.declared(kind, &value)
            }
            1 => format!("if {} {} else {}\n", self.bool(), self.block(&[], 2), self.block(&[], 2)),
            2 => {
                let (from, to) = (self.dice.roll(3), self.dice.roll(6));
                let range = match self.dice.roll(4) {
                    0 => format!("{from}..={to}"),
                    1 => format!("range({from}, {}, 2)", to + 3),
                    2 => format!("{from}..(v0.abs() % 5)"),
                    _ => format!("{from}..{to}"),
                };
                let range = if self.scope.iter().any(|variable| variable.name == "v0") {
                    range
                } else {
                    format!("{from}..{to}")
                };
                format!("for i in {range} {}\n", self.repeated(&[("i", Type::Int)]))
            }
            3 => format!("for y in {} {}\n", self.value(Type::List), self.repeated(&[("y", Type::Int)])),
            4 => {
                let row = self.repeated(&[("row", Type::List), ("j", Type::Int)]);
                format!("for (row, j) in {} {row}\n", self.value(Type::Table))
            }
            5 => {
                let counter = format!("k{}", self.names);
                self.names += 1;
                let block = self.repeated(&[]);
                let limit = 1 + self.dice.roll(4);
                match self.dice.roll(3) {
                    0 => format!(
                        "let {counter} = 0; while {counter} < {limit} {{ {counter} += 1; {block} }}\n"
                    ),
                    1 => format!(
                        "let {counter} = {limit}; do {{ {counter} -= 1; {block} }} while {counter} > 0;\n"
                    ),
                    _ => format!(
                        "let {counter} = 0; loop {{ {counter} += 1; if {counter} > {limit} {{ break; }} {block} }}\n"
                    ),
                }
            }
            6 => {
                let (body, handler) = (self.block(&[], 2), self.block(&[], 1));
                let thrown = if self.dice.roll(2) == 0 {
                    format!("if {} {{ throw {}; }}\n", self.bool(), self.value(Type::Text))
                } else {
                    String::new()
                };
                format!("try {{ {thrown}{body} }} catch (err) {{ print(err); {handler} }}\n")
            }
            7 => format!(
                "switch {} {{ 0 => {}, 1..4 if {} => {}, -3..=-1 => {}, _ => {} }}\n",
                self.int(),
                self.block(&[], 1),
                self.bool(),
                self.block(&[], 1),
                self.block(&[], 1),
                self.block(&[], 1)
            ),
            8 => {
                let list = self.operand(Type::List);
                let (loops, within) =
                    (std::mem::take(&mut self.loops), std::mem::take(&mut self.within_function));
                let statement = self.short_statement();
                (self.loops, self.within_function) = (loops, within);
                format!("{list}.for_each(|| {{ {statement}this += 1; }});\n")
            }
            _ => self.short_statement(),
        }
    }

    fn short_statement(&mut self) -> String {
        self.depth += 1;
        let text = self.change();
        self.depth -= 1;
        let leaves = self.dice.roll(14);
        match leaves {
            0 if self.loops > 0 => text + &format!("if {} {{ break; }}\n", self.bool()),
            1 if self.loops > 0 => text + &format!("if {} {{ continue; }}\n", self.bool()),
            2 if self.within_function => text + &format!("if {} {{ return {}; }}\n", self.bool(), self.int()),
            _ => text,
        }
    }

    fn change(&mut self) -> String {
        let kind = TYPES[self.dice.roll(TYPES.len())];
        let Some(name) = self.variable(kind, true) else { return format!("print({});\n", self.printed()) };
        match (kind, self.dice.roll(5)) {
            // It may be twice as long each time.
            (Type::Text, 0) => format!("if {name}.len < 60 {{ {name} = {}; }}\n", self.text()),
            (_, 0) => format!("{name} = {};\n", self.value(kind)),
            (Type::Int, 1) => format!("{name} += {} * {};\n", self.int(), self.int()),
            (Type::Int, _) => {
                let sign = self.dice.of(&["+=", "-=", "*=", "&=", "|=", "^="]);
                format!("{name} {sign} {};\n", self.int())
            }
            (Type::Float, 1) => format!("{name} += {} * {};\n", self.float(), self.float()),
            (Type::Float, _) => {
                format!("{name} {} {};\n", self.dice.of(&["+=", "-=", "*=", "/="]), self.float())
            }
            (Type::Text, 1 | 2) => format!("if {name}.len < 60 {{ {name} += {}; }}\n", self.text()),
            (Type::List, 1) => format!("if {name}.len < 20 {{ {name}.push({}); }}\n", self.int()),
            (Type::List, 2) => {
                let change = format!("{name}[{}] = {}", self.place(), self.int());
                self.guarded(&name, &change)
            }
            (Type::List, 3) => {
                let sign = self.dice.of(&["+=", "-=", "*="]);
                {
                    let change = format!("{name}[{}] {sign} {}", self.place(), self.int());
                    self.guarded(&name, &change)
                }
            }
            (Type::List, _) => {
                let method = self.dice.of(&["pop()", "reverse()", "insert(0, 3)", "insert(1, 4)", "shift()"]);
                let is_long = method.starts_with("insert");
                let sign = if is_long { "< 9" } else { "> 3" };
                format!("if {name}.len {sign} {{ {name}.{method}; }}\n")
            }
            (Type::Table, 1) => {
                let change = format!("{name}[{}][{}] = {}", self.place(), self.place(), self.int());
                self.guarded(&name, &change)
            }
            (Type::Table, 2) => {
                let change = format!("{name}[{}][{}] += {}", self.place(), self.place(), self.int());
                self.guarded(&name, &change)
            }
            (Type::Table, 3) => format!("if {name}.len < 8 {{ {name}.push({}); }}\n", self.value(Type::List)),
            (Type::Table, _) => {
                let change = format!("{name}[{}].push({})", self.place(), self.int());
                self.guarded(&name, &change)
            }
            (Type::Map, 1) => format!("{name}.{} = {};\n", self.key(), self.int()),
            (Type::Map, 2) => format!("{name}.{} += {};\n", self.key(), self.int()),
            (Type::Map, 3) => {
                let text = self.text();
                format!("if {name}.len() < 9 {{ {name}[{text}] = ({name}[{text}] ?? 0) + 1; }}\n")
            }
            (Type::Map, _) => format!("{name}[\"{}\"] -= {};\n", self.key(), self.int()),
            (Type::Function, _) => format!("print({name}.call({}));\n", self.int()),
            _ => format!("print({});\n", self.printed()),
        }
    }

    /// Mostly done only where it can be.
    fn guarded(&mut self, name: &str, change: &str) -> String {
        if self.dice.roll(5) == 0 {
            format!("{change};\n")
        } else {
            format!("if {name}.len > 2 {{ {change}; }}\n")
        }
    }

    fn printed(&mut self) -> String {
        let kind = TYPES[self.dice.roll(TYPES.len() - 1)];
        self.value(kind)
    }

    fn key(&mut self) -> &'static str {
        self.dice.of(&["k", "l", "m"])
    }

    /// An index that is often one.
    fn place(&mut self) -> String {
        match self.dice.roll(20) {
            0 => self.int(),
            1..=6 => format!("{}.abs() % 3", self.operand(Type::Int)),
            7 | 8 => "-1".to_owned(),
            _ => self.dice.of(&["0", "1", "2"]).to_owned(),
        }
    }

    fn value(&mut self, kind: Type) -> String {
        if self.dice.roll(3) == 0
            && let Some(name) = self.variable(kind, false)
        {
            return name;
        }
        match kind {
            Type::Int => self.int(),
            Type::Float => self.float(),
            Type::Bool => self.bool(),
            Type::Text => self.text(),
            Type::List => self.list(),
            Type::Table => self.table(),
            Type::Map => self.map(),
            Type::Function => self.function(),
        }
    }

    /// What can stand before a dot.
    fn operand(&mut self, kind: Type) -> String {
        self.variable(kind, false).unwrap_or_else(|| format!("({})", self.value(kind)))
    }

    /// One of several, deeper by one; at the bottom a constant.
    fn deeper(&mut self, constants: &[&str], choices: usize) -> Result<usize, String> {
        if self.depth > DEPTH_MAX + 3 {
            return Err(self.dice.of(constants).to_owned());
        }
        self.depth += 1;
        Ok(self.dice.roll(choices))
    }

    fn int(&mut self) -> String {
        const CONSTANTS: [&str; 9] =
            ["0", "1", "2", "-1", "3", "7", "63", "1000000007", "9223372036854775807"];
        let choice = match self.deeper(&CONSTANTS[..6], 20) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        let text = match choice {
            0 if self.dice.roll(6) == 0 => self.dice.of(&CONSTANTS).to_owned(),
            0 | 1 => self.dice.of(&CONSTANTS[..6]).to_owned(),
            2..=4 => {
                let sign = self.dice.of(&["+", "-", "*", "+", "-", "*", "&", "|", "^"]);
                format!("({} {sign} {})", self.value(Type::Int), self.value(Type::Int))
            }
            5 => {
                let by = if self.dice.roll(9) == 0 {
                    self.int()
                } else {
                    self.dice.of(&CONSTANTS[1..3]).to_owned()
                };
                format!("({} {} {by})", self.value(Type::Int), self.dice.of(&["/", "%", "<<", ">>"]))
            }
            6 => match (self.operand(Type::List), self.place()) {
                (list, place) if self.dice.roll(4) == 0 => format!("{list}[{place}]"),
                (list, place) => format!("(if {list}.len > 2 {{ {list}[{place}] }} else {{ {place} }})"),
            },
            7 => match (self.operand(Type::Table), self.place(), self.place()) {
                (table, row, place) if self.dice.roll(4) == 0 => format!("{table}[{row}][{place}]"),
                (table, row, place) => format!(
                    "(if {table}.len > 2 && {table}[{row}].len > 2 {{ {table}[{row}][{place}] }} else {{ {row} }})"
                ),
            },
            8 => format!("{}.len{}", self.operand(Type::List), self.dice.of(&["", "()"])),
            9 => format!("{}.len", self.operand(Type::Text)),
            10 => format!("{}.call({})", self.operand(Type::Function), self.value(Type::Int)),
            11 if !self.within_function => {
                let name = self.dice.of(&["one", "two"]);
                let deep = self.dice.roll(4);
                format!("{name}({deep}, {}, {})", self.value(Type::Int), self.value(Type::List))
            }
            12 => format!("({}.{} ?? {})", self.operand(Type::Map), self.key(), self.value(Type::Int)),
            13 => format!("if {} {{ {} }} else {{ {} }}", self.bool(), self.int(), self.int()),
            14 => format!("{}.reduce(|s, x| s + x, {})", self.operand(Type::List), self.value(Type::Int)),
            15 => format!(
                "{}.{}",
                self.operand(Type::Int),
                self.dice.of(&["abs()", "sign()", "to_float().to_int()"])
            ),
            16 => format!(
                "{}({}, {})",
                self.dice.of(&["max", "min"]),
                self.value(Type::Int),
                self.value(Type::Int)
            ),
            17 => format!("twice({})", self.value(Type::Int)),
            18 => format!(
                "0 + switch {} {{ 1 => {}, 2 | 3 => {}, _ => {} }}",
                self.value(Type::Int),
                self.int(),
                self.int(),
                self.int()
            ),
            _ => match self.variable(Type::Int, true) {
                Some(name) => format!("{{ {name} += {}; {name} }}", self.value(Type::Int)),
                None => format!("-{}", self.operand(Type::Int)),
            },
        };
        self.depth -= 1;
        match choice {
            13 | 18.. => format!("({text})"),
            _ => text,
        }
    }

    fn float(&mut self) -> String {
        const CONSTANTS: [&str; 7] = ["0.0", "1.5", "-2.5", "0.1", "3.0", "1e300", "1e-9"];
        let choice = match self.deeper(&CONSTANTS, 9) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        let text = match choice {
            0 => self.dice.of(&CONSTANTS).to_owned(),
            1..=3 => {
                let sign = self.dice.of(&["+", "-", "*", "/", "%", "**"]);
                let second = if self.dice.roll(3) == 0 { Type::Int } else { Type::Float };
                format!("({} {sign} {})", self.value(Type::Float), self.value(second))
            }
            4 => format!(
                "({} {} {})",
                self.value(Type::Int),
                self.dice.of(&["+", "*"]),
                self.value(Type::Float)
            ),
            5 => format!("{}.to_float()", self.operand(Type::Int)),
            6 => {
                let method = self.dice.of(&["sqrt()", "abs()", "floor()", "sin()", "round()", "ceiling()"]);
                format!("{}.{method}", self.operand(Type::Float))
            }
            7 => format!("(if {} {{ {} }} else {{ {} }})", self.bool(), self.float(), self.float()),
            _ => format!("-{}", self.operand(Type::Float)),
        };
        self.depth -= 1;
        text
    }

    fn bool(&mut self) -> String {
        let choice = match self.deeper(&["true", "false"], 10) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        let sign = self.dice.of(&["<", "<=", ">", ">=", "==", "!="]);
        let text = match choice {
            // Rhai takes floats for equal that are nearly so.
            3 if cfg!(as_in_rhai) => {
                format!("{} {sign} {}", self.value(Type::Float), self.value(Type::Float))
            }
            0..=3 => format!("{} {sign} {}", self.value(Type::Int), self.value(Type::Int)),
            4 => format!("{} {sign} {}", self.value(Type::Text), self.value(Type::Text)),
            5 => format!("({}) && {}", self.bool(), self.value(Type::Bool)),
            6 => format!("({}) || {}", self.bool(), self.value(Type::Bool)),
            7 => format!("!({})", self.bool()),
            8 => format!("{} in {}", self.value(Type::Int), self.value(Type::List)),
            _ => format!("{}.is_empty()", self.operand(Type::List)),
        };
        self.depth -= 1;
        format!("({text})")
    }

    fn text(&mut self) -> String {
        const CONSTANTS: [&str; 5] = ["\"\"", "\"a\"", "\"one two\"", "\"äß\"", "\"k\""];
        let choice = match self.deeper(&CONSTANTS, 8) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        let text = match choice {
            0 | 1 => self.dice.of(&CONSTANTS).to_owned(),
            2 => format!("({} + {})", self.value(Type::Text), self.printed()),
            3 => format!("`${{{}}}-${{{}}}`", self.printed(), self.value(Type::Int)),
            4 => format!("{}.to_string()", self.operand(Type::Int)),
            5 => format!("{}.sub_string({}, 2)", self.operand(Type::Text), self.place()),
            6 => format!("{}.{}", self.operand(Type::Text), self.dice.of(&["to_upper()", "to_lower()"])),
            _ => format!("type_of({})", self.printed()),
        };
        self.depth -= 1;
        text
    }

    fn list(&mut self) -> String {
        let choice = match self.deeper(&["[1, 2, 3, 4]", "[5, 0, -1, 2]", "[0, 0, 0, 0]"], 24) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        let text = match choice {
            0..=9 => {
                let ints = [(); 4].map(|()| self.value(Type::Int));
                format!("[{}]", ints.join(", "))
            }
            10..=15 => format!("{}.map({})", self.operand(Type::List), self.function()),
            16 => format!("{}.filter(|x| x > {})", self.operand(Type::List), self.value(Type::Int)),
            17..=21 => match self.operand(Type::Table) {
                table if self.dice.roll(4) == 0 => format!("{table}[{}]", self.place()),
                table => format!("({table}.get({}) ?? [7, 7, 7])", self.place()),
            },
            22 => format!("{}.extract(0, {})", self.operand(Type::List), self.place()),
            _ => format!("{}.values()", self.operand(Type::Map)),
        };
        self.depth -= 1;
        text
    }

    fn table(&mut self) -> String {
        let choice =
            match self.deeper(&["[[0, 0, 0], [1, 1, 1], [2, 2, 2]]", "[[1, 2, 3, 4], [5], [6, 7, 8]]"], 4) {
                Ok(choice) => choice,
                Err(constant) => return constant,
            };
        let text = match choice {
            0 => format!("{}.map(|x| [x, {}])", self.operand(Type::List), self.value(Type::Int)),
            1 => format!("{}.map(|row| row)", self.operand(Type::Table)),
            _ => format!(
                "[{}, {}, {}]",
                self.value(Type::List),
                self.value(Type::List),
                self.value(Type::List)
            ),
        };
        self.depth -= 1;
        text
    }

    fn map(&mut self) -> String {
        let (first, second) = (self.value(Type::Int), self.value(Type::Int));
        format!("#{{k: {first}, l: {second}}}")
    }

    /// A function of an int. It may use, and change, what is around it.
    fn function(&mut self) -> String {
        let choice = match self.deeper(&["|x| x", "|x| x * 3", "|x| -x"], 6) {
            Ok(choice) => choice,
            Err(constant) => return constant,
        };
        // What `curry` is given does not see the closure's variables.
        let given = if choice == 4 { self.value(Type::Int) } else { String::new() };
        self.scope.push(Variable { name: "x".to_owned(), kind: Type::Int, constant: false });
        let (loops, within) = (std::mem::take(&mut self.loops), std::mem::take(&mut self.within_function));
        let text = match choice {
            0 => "|x| x + 1".to_owned(),
            1 => format!("|x| {}", self.int()),
            2 => format!("|x| {{ {}{} }}", self.change(), self.value(Type::Int)),
            3 => format!("|x| if {} {{ {} }} else {{ x }}", self.bool(), self.int()),
            4 => {
                self.scope.push(Variable { name: "y".to_owned(), kind: Type::Int, constant: false });
                let text = format!("(|y, x| {{ {}{} }}).curry({given})", self.change(), self.int());
                self.scope.pop();
                text
            }
            _ => "twice".to_owned(),
        };
        (self.loops, self.within_function) = (loops, within);
        self.scope.pop();
        self.depth -= 1;
        text
    }
}

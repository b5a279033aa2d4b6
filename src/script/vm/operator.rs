//! Operators with two operands, and functions of numbers that are instructions of their own.

/// An operator with two operands, also of an assignment (`+=`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    And,
    Or,
    ExclusiveOr,
    Range,
    RangeInclusive,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Operator {
    pub(super) const ALL: [(Operator, &'static str); 19] = [
        (Operator::Add, "+"),
        (Operator::Subtract, "-"),
        (Operator::Multiply, "*"),
        (Operator::Divide, "/"),
        (Operator::Remainder, "%"),
        (Operator::Power, "**"),
        (Operator::ShiftLeft, "<<"),
        (Operator::ShiftRight, ">>"),
        (Operator::And, "&"),
        (Operator::Or, "|"),
        (Operator::ExclusiveOr, "^"),
        (Operator::Range, ".."),
        (Operator::RangeInclusive, "..="),
        (Operator::Equal, "=="),
        (Operator::NotEqual, "!="),
        (Operator::Less, "<"),
        (Operator::LessEqual, "<="),
        (Operator::Greater, ">"),
        (Operator::GreaterEqual, ">="),
    ];

    pub(super) fn of(sign: &str) -> Option<Operator> {
        Operator::ALL.iter().find(|(_, known)| *known == sign).map(|&(operator, _)| operator)
    }

    pub(super) fn sign(self) -> &'static str {
        Operator::ALL.iter().find(|(known, _)| *known == self).map_or("", |&(_, sign)| sign)
    }
}

/// A function of Rhai's over a number that gives another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numeric {
    Abs,
    Floor,
    SquareRoot,
    ToFloat,
    ToInt,
}

impl Numeric {
    pub(super) fn of(name: &str) -> Option<Numeric> {
        Some(match name {
            "abs" => Numeric::Abs,
            "floor" => Numeric::Floor,
            "sqrt" => Numeric::SquareRoot,
            "to_float" => Numeric::ToFloat,
            "to_int" => Numeric::ToInt,
            _ => return None,
        })
    }
}

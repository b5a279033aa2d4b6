//! What the text of an expression shows of its value.

use super::Walker;
use crate::script::analysis::{Seen, Shape};
use rhai::{Expr, Ident, Stmt};

impl Walker<'_> {
    /// The shape of the value of a piece that is one expression.
    pub(super) fn shape(&self, statements: &[Stmt]) -> Shape {
        match statements {
            [Stmt::Expr(expression)] => self.shape_of(expression),
            _ => Shape::Unknown,
        }
    }

    /// The same of an expression, with its place.
    pub(super) fn seen(&self, expression: &Expr) -> Seen {
        Seen { at: self.text.token(expression.start_position()), shape: self.shape_of(expression) }
    }

    fn shape_of(&self, expression: &Expr) -> Shape {
        match expression {
            Expr::Array(items, _) => Shape::Array(items.iter().map(|item| self.seen(item)).collect()),
            Expr::Map(parts, _) => {
                let entry = |(key, value): &(Ident, Expr)| (key.name.to_string(), self.seen(value));
                Shape::Map(parts.0.iter().map(entry).collect())
            }
            other => type_of(other).map_or(Shape::Unknown, Shape::Of),
        }
    }
}

fn type_of(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::BoolConstant(..) => "bool",
        Expr::IntegerConstant(..) => "int",
        Expr::FloatConstant(..) => "float",
        Expr::CharConstant(..) => "char",
        Expr::StringConstant(..) | Expr::InterpolatedString(..) => "string",
        Expr::Unit(..) => "()",
        Expr::DynamicConstant(value, _) if value.is_fnptr() => "function",
        _ => return None,
    })
}

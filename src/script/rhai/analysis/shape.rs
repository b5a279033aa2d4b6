//! What the text of an expression shows of its value.

use super::Walker;
use crate::script::analysis::{At, Shape};
use rhai::{Expr, Stmt};

impl Walker<'_> {
    /// The shape of the value of a piece that is one expression.
    pub(super) fn shape(&self, statements: &[Stmt]) -> Shape {
        match statements {
            [Stmt::Expr(expression)] => self.shape_of(expression),
            _ => Shape::Unknown,
        }
    }

    fn shape_of(&self, expression: &Expr) -> Shape {
        match expression {
            Expr::Array(items, _) => Shape::Array(items.iter().map(|item| self.item(item)).collect()),
            other => type_of(other).map_or(Shape::Unknown, Shape::Of),
        }
    }

    fn item(&self, expression: &Expr) -> (Option<&'static str>, At) {
        let kind = if matches!(expression, Expr::Array(..)) { Some("array") } else { type_of(expression) };
        (kind, self.text.token(expression.start_position()))
    }
}

fn type_of(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::BoolConstant(..) => "bool",
        Expr::IntegerConstant(..) => "int",
        Expr::FloatConstant(..) => "float",
        Expr::CharConstant(..) => "char",
        Expr::StringConstant(..) | Expr::InterpolatedString(..) => "string",
        Expr::Map(..) => "map",
        Expr::Unit(..) => "()",
        Expr::DynamicConstant(value, _) if value.is_fnptr() => "function",
        _ => return None,
    })
}

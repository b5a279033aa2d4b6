//! What an expression may change while it is evaluated.

use rhai::Expr;

/// Whether evaluating it leaves a variable of the function as it was. A variable that closures share is not asked
/// about: it is always read at its turn.
pub(super) fn leaves_alone(expression: &Expr, name: &str) -> bool {
    match expression {
        Expr::Stmt(_) | Expr::Custom(..) => false,
        Expr::FnCall(call, _) => {
            let first = call.args.first();
            let by_reference = call.op_token.is_none() && first.is_some_and(|first| is_variable(first, name));
            !by_reference && call.args.iter().all(|argument| leaves_alone(argument, name))
        }
        Expr::MethodCall(call, _) => call.args.iter().all(|argument| leaves_alone(argument, name)),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
            let may_change = is_variable(&parts.lhs, name) && has_method(&parts.rhs);
            !may_change && leaves_alone(&parts.lhs, name) && leaves_alone(&parts.rhs, name)
        }
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            parts.iter().all(|part| leaves_alone(part, name))
        }
        Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => {
            parts.iter().all(|part| leaves_alone(part, name))
        }
        Expr::Map(parts, _) => parts.0.iter().all(|(_, part)| leaves_alone(part, name)),
        _ => true,
    }
}

/// Whether it changes nothing at all.
pub(super) fn is_quiet(expression: &Expr) -> bool {
    match expression {
        Expr::Stmt(_) | Expr::Custom(..) | Expr::MethodCall(..) => false,
        Expr::FnCall(call, _) => call.op_token.is_some() && call.args.iter().all(is_quiet),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => is_quiet(&parts.lhs) && is_quiet(&parts.rhs),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => parts.iter().all(is_quiet),
        Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => parts.iter().all(is_quiet),
        Expr::Map(parts, _) => parts.0.iter().all(|(_, part)| is_quiet(part)),
        _ => true,
    }
}

fn is_variable(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Variable(variable, ..) if variable.1 == name)
}

fn has_method(links: &Expr) -> bool {
    match links {
        Expr::MethodCall(..) => true,
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => has_method(&parts.lhs) || has_method(&parts.rhs),
        _ => false,
    }
}

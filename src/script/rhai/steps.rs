//! `range(from, to, step)` of ints. Rhai's own shows nothing of itself, so a loop of ours could only have all of it at
//! once.

use rhai::{Engine, EvalAltResult, Module, Position};
use std::ops::Range;

/// The ints that are left.
#[derive(Clone)]
pub(in crate::script) struct Steps {
    next: Option<i64>,
    to: i64,
    step: i64,
}

impl Iterator for Steps {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        let int = self.next?;
        self.next = int.checked_add(self.step).filter(|next| self.holds(*next));
        Some(int)
    }
}

impl Steps {
    fn new(from: i64, to: i64, step: i64) -> Result<Steps, Box<EvalAltResult>> {
        if step == 0 {
            let zero = "step value cannot be zero".to_owned();
            let error = EvalAltResult::ErrorArithmetic(zero, Position::NONE).into();
            let name = "range".to_owned();
            return Err(EvalAltResult::ErrorInFunctionCall(name, String::new(), error, Position::NONE).into());
        }
        let mut steps = Steps { next: None, to, step };
        steps.next = Some(from).filter(|from| steps.holds(*from));
        Ok(steps)
    }

    /// Whether this is before the end.
    fn holds(&self, int: i64) -> bool {
        if self.step > 0 { int < self.to } else { int > self.to }
    }
}

pub(super) fn install(engine: &mut Engine) {
    let mut module = Module::new();
    module.set_native_fn("range", Steps::new);
    module.set_native_fn("range", |range: Range<i64>, step: i64| Steps::new(range.start, range.end, step));
    module.set_iterator::<Steps>();
    engine.register_global_module(module.into());
    engine.register_type_with_name::<Steps>("range");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_before_the_end_and_with_the_ints() {
        let all = |from, to, step| Steps::new(from, to, step).unwrap().collect::<Vec<_>>();
        assert_eq!(all(0, 5, 2), [0, 2, 4]);
        assert_eq!(all(5, 0, -2), [5, 3, 1]);
        assert!(all(0, 5, -1).is_empty());
        assert_eq!(all(i64::MAX - 3, i64::MAX, 2), [i64::MAX - 3, i64::MAX - 1]);
        assert_eq!(all(i64::MIN + 1, i64::MIN, i64::MIN), [i64::MIN + 1]);
        assert!(Steps::new(0, 1, 0).is_err());
    }
}

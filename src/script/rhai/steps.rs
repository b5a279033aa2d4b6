//! `range(from, to, step)` of numbers. Rhai's own shows nothing of itself, so a loop of ours could only have all of it
//! at once.

use rhai::{Engine, EvalAltResult, Module, Position};
use std::ops::Range;

/// A type of numbers.
pub(in crate::script) trait Number: Copy + PartialOrd + Default {
    /// None if there is no such number.
    fn plus(self, step: Self) -> Option<Self>;
}

impl Number for i64 {
    fn plus(self, step: i64) -> Option<i64> {
        self.checked_add(step)
    }
}

impl Number for f64 {
    fn plus(self, step: f64) -> Option<f64> {
        Some(self + step)
    }
}

/// The numbers that are left.
#[derive(Clone)]
pub(in crate::script) struct Steps<T> {
    next: Option<T>,
    to: T,
    step: T,
}

impl<T: Number> Iterator for Steps<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let number = self.next?;
        self.next = number.plus(self.step).filter(|next| self.holds(*next));
        Some(number)
    }
}

impl<T: Number> Steps<T> {
    fn new(from: T, to: T, step: T) -> Result<Steps<T>, Box<EvalAltResult>> {
        if from.plus(step) == Some(from) {
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
    fn holds(&self, number: T) -> bool {
        if self.step > T::default() { number < self.to } else { number > self.to }
    }
}

pub(super) fn install(engine: &mut Engine) {
    let mut module = Module::new();
    module.set_native_fn("range", Steps::<i64>::new);
    module.set_native_fn("range", Steps::<f64>::new);
    module.set_native_fn("range", |range: Range<i64>, step: i64| Steps::new(range.start, range.end, step));
    module.set_iterator::<Steps<i64>>();
    module.set_iterator::<Steps<f64>>();
    engine.register_global_module(module.into());
    engine.register_type_with_name::<Steps<i64>>("range");
    engine.register_type_with_name::<Steps<f64>>("range");
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
        assert!(Steps::new(0_i64, 1, 0).is_err());
    }

    #[test]
    fn steps_of_floats_end_where_nothing_can_be_compared() {
        let all = |from, to, step| Steps::new(from, to, step).unwrap().collect::<Vec<f64>>();
        assert_eq!(all(0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75]);
        assert_eq!(all(1.0, 0.0, -0.5), [1.0, 0.5]);
        assert!(all(0.0, f64::NAN, 1.0).is_empty());
        assert!(all(0.0, 1.0, f64::NAN).is_empty());
        assert!(Steps::new(1e300, 1e301, 1.0).is_err());
    }
}

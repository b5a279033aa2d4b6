//! Functions of Rhai's that only read, which Rhai takes for ones that change: here they may be called on constants.

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, FuncRegistration, Module, NativeCallContext};
use std::ops::{Range, RangeInclusive};

type Sorted = Result<Array, Box<EvalAltResult>>;

pub(super) fn install(engine: &mut Engine) {
    let mut module = Module::new();
    let read = |name: &str| FuncRegistration::new(name).in_global_namespace().with_purity(true);
    read("get").set_into_module(&mut module, |array: &mut Array, index: i64| get(array, index));
    read("contains").set_into_module(&mut module, |range: &mut Range<i64>, int: i64| range.contains(&int));
    read("contains")
        .set_into_module(&mut module, |range: &mut RangeInclusive<i64>, int: i64| range.contains(&int));
    for (name, sort) in [("order", "sort"), ("order_desc", "sort_desc")] {
        let sorted =
            move |context: NativeCallContext<'_>, array: &mut Array| sorted(&context, array, sort, None);
        read(name).set_into_module(&mut module, sorted);
    }
    for (name, sort) in [("order", "sort"), ("order_by", "sort_by")] {
        let sorted = move |context: NativeCallContext<'_>, array: &mut Array, compare: FnPtr| {
            sorted(&context, array, sort, Some(compare))
        };
        read(name).set_into_module(&mut module, sorted);
    }
    engine.register_global_module(module.into());
}

/// Counted from the end if negative; `()` where nothing is.
fn get(array: &Array, index: i64) -> Dynamic {
    let from_start = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => array.len().saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    array.get(from_start).cloned().unwrap_or(Dynamic::UNIT)
}

fn sorted(context: &NativeCallContext<'_>, array: &Array, sort: &str, compare: Option<FnPtr>) -> Sorted {
    let mut copy = Dynamic::from_array(array.clone());
    let mut compare = compare.map(Dynamic::from);
    let mut arguments: Vec<&mut Dynamic> = std::iter::once(&mut copy).chain(compare.as_mut()).collect();
    let _sorted_in_place = context.call_native_fn_raw(sort, true, &mut arguments)?;
    Ok(copy.into_array().unwrap_or_default())
}

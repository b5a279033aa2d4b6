//! The functions that Rhai brings along, by name, for whoever has to know which names are known.

/// Each name, sorted, with a call of it; the test below makes every call.
const CALLS: &[(&str, &str)] = &[
    ("E", "E()"),
    ("Fn", "Fn(\"len\")"),
    ("PI", "PI()"),
    ("abs", "abs(-1)"),
    ("acos", "acos(1.0)"),
    ("acosh", "acosh(1.0)"),
    ("all", "all([1], |x| x == 1)"),
    ("append", "let a = [1]; append(a, [2])"),
    ("as_string", "as_string(blob(1, 65))"),
    ("asin", "asin(1.0)"),
    ("asinh", "asinh(1.0)"),
    ("atan", "atan(1.0)"),
    ("atanh", "atanh(0.5)"),
    ("bits", "bits(5)"),
    ("blob", "blob()"),
    ("bytes", "bytes(\"a\")"),
    ("call", "call(|x| x, 1)"),
    ("ceiling", "ceiling(1.5)"),
    ("chars", "chars(\"a\")"),
    ("chop", "let a = [1, 2]; chop(a, 1)"),
    ("clear", "let a = [1]; clear(a)"),
    ("contains", "contains(\"ab\", \"a\")"),
    ("cos", "cos(1.0)"),
    ("cosh", "cosh(1.0)"),
    ("crop", "let s = \"abc\"; crop(s, 1)"),
    ("curry", "curry(|x| x, 1)"),
    ("debug", "debug(1)"),
    ("dedup", "let a = [1, 1]; dedup(a)"),
    ("drain", "let a = [1]; drain(a, |x| x == 1)"),
    ("elapsed", "elapsed(timestamp())"),
    ("end", "end(0..1)"),
    ("ends_with", "ends_with(\"ab\", \"b\")"),
    ("exp", "exp(1.0)"),
    ("extract", "extract([1, 2], 1)"),
    ("fill_with", "let m = #{}; fill_with(m, #{a: 1})"),
    ("filter", "filter([1], |x| x == 1)"),
    ("find", "find([1], |x| x == 1)"),
    ("find_map", "find_map([1], |x| x)"),
    ("floor", "floor(1.5)"),
    ("for_each", "let a = [1]; for_each(a, |x| x)"),
    ("fraction", "fraction(1.5)"),
    ("get", "get([1], 0)"),
    ("get_bit", "get_bit(5, 0)"),
    ("get_bits", "get_bits(5, 0, 2)"),
    ("hypot", "hypot(3.0, 4.0)"),
    ("index_of", "index_of([1], 1)"),
    ("insert", "let a = [1]; insert(a, 0, 2)"),
    ("int", "int(1.5)"),
    ("is_anonymous", "is_anonymous(|x| x)"),
    ("is_def_fn", "is_def_fn(\"f\", 1)"),
    ("is_def_var", "is_def_var(\"x\")"),
    ("is_empty", "is_empty([])"),
    ("is_even", "is_even(2)"),
    ("is_exclusive", "is_exclusive(0..1)"),
    ("is_finite", "is_finite(1.0)"),
    ("is_inclusive", "is_inclusive(0..1)"),
    ("is_infinite", "is_infinite(1.0)"),
    ("is_nan", "is_nan(1.0)"),
    ("is_odd", "is_odd(1)"),
    ("is_shared", "let x = 1; is_shared(x)"),
    ("is_zero", "is_zero(0)"),
    ("keys", "keys(#{})"),
    ("len", "len([])"),
    ("ln", "ln(1.0)"),
    ("log", "log(1.0)"),
    ("make_lower", "let s = \"A\"; make_lower(s)"),
    ("make_upper", "let s = \"a\"; make_upper(s)"),
    ("map", "map([1], |x| x)"),
    ("max", "max(1, 2)"),
    ("min", "min(1, 2)"),
    ("mixin", "let m = #{}; mixin(m, #{a: 1})"),
    ("name", "name(|x| x)"),
    ("order", "let a = [2, 1]; order(a)"),
    ("order_by", "let a = [2, 1]; order_by(a, |a, b| a - b)"),
    ("order_desc", "let a = [2, 1]; order_desc(a)"),
    ("pad", "let a = [1]; pad(a, 3, 0)"),
    ("parse_be_float", "parse_be_float(blob(8), 0, 8)"),
    ("parse_be_int", "parse_be_int(blob(8), 0, 8)"),
    ("parse_float", "parse_float(\"1.5\")"),
    ("parse_int", "parse_int(\"1\")"),
    ("parse_le_float", "parse_le_float(blob(8), 0, 8)"),
    ("parse_le_int", "parse_le_int(blob(8), 0, 8)"),
    ("pop", "let a = [1]; pop(a)"),
    ("print", "print(1)"),
    ("push", "let a = [1]; push(a, 2)"),
    ("range", "range(0, 3)"),
    ("reduce", "reduce([1], |sum, x| sum ?? 0 + x)"),
    ("reduce_rev", "reduce_rev([1], |sum, x| sum ?? 0 + x)"),
    ("remove", "let a = [1]; remove(a, 0)"),
    ("replace", "let s = \"a\"; replace(s, \"a\", \"b\")"),
    ("retain", "let a = [1]; retain(a, |x| x == 1)"),
    ("reverse", "let a = [1]; reverse(a)"),
    ("round", "round(1.5)"),
    ("set", "let a = [1]; set(a, 0, 2)"),
    ("set_bit", "let n = 5; set_bit(n, 0, false)"),
    ("set_bits", "let n = 5; set_bits(n, 0, 2, 1)"),
    ("set_tag", "let n = 5; set_tag(n, 1)"),
    ("shift", "let a = [1]; shift(a)"),
    ("sign", "sign(-1)"),
    ("sin", "sin(1.0)"),
    ("sinh", "sinh(1.0)"),
    ("some", "some([1], |x| x == 1)"),
    ("sort", "let a = [2, 1]; sort(a)"),
    ("sort_by", "let a = [2, 1]; sort_by(a, |a, b| a - b)"),
    ("sort_desc", "let a = [2, 1]; sort_desc(a)"),
    ("splice", "let a = [1]; splice(a, 0, 1, [2])"),
    ("split", "split(\"a b\", \" \")"),
    ("split_rev", "split_rev(\"a b\", \" \")"),
    ("sqrt", "sqrt(4.0)"),
    ("start", "start(0..1)"),
    ("starts_with", "starts_with(\"ab\", \"a\")"),
    ("sub_string", "sub_string(\"abc\", 1)"),
    ("tag", "let n = 5; tag(n)"),
    ("take", "let n = 5; take(n)"),
    ("tan", "tan(1.0)"),
    ("tanh", "tanh(1.0)"),
    ("timestamp", "timestamp()"),
    ("to_array", "to_array(blob(1))"),
    ("to_binary", "to_binary(5)"),
    ("to_blob", "to_blob(\"a\")"),
    ("to_chars", "to_chars(\"a\")"),
    ("to_debug", "to_debug(1)"),
    ("to_degrees", "to_degrees(1.0)"),
    ("to_float", "to_float(1)"),
    ("to_hex", "to_hex(10)"),
    ("to_int", "to_int(1.5)"),
    ("to_lower", "to_lower(\"A\")"),
    ("to_octal", "to_octal(10)"),
    ("to_radians", "to_radians(1.0)"),
    ("to_string", "to_string(1)"),
    ("to_upper", "to_upper(\"a\")"),
    ("trim", "let s = \" a\"; trim(s)"),
    ("truncate", "let a = [1]; truncate(a, 0)"),
    ("type_of", "type_of(1)"),
    ("values", "values(#{})"),
    ("write_ascii", "let b = blob(4); write_ascii(b, 0, 1, \"a\")"),
    ("write_be", "let b = blob(8); write_be(b, 0, 8, 1)"),
    ("write_le", "let b = blob(8); write_le(b, 0, 8, 1)"),
    ("write_utf8", "let b = blob(4); write_utf8(b, 0, 1, \"a\")"),
    ("zip", "zip([1], [2], |a, b| a + b)"),
];

/// Whether Rhai has a function of this name.
#[must_use]
pub fn contains(name: &str) -> bool {
    CALLS.binary_search_by_key(&name, |&(known, _)| known).is_ok()
}

/// A call of a function.
#[must_use]
pub fn example(name: &str) -> Option<&'static str> {
    let found = CALLS.binary_search_by_key(&name, |&(known, _)| known).ok()?;
    CALLS.get(found).map(|&(_, call)| call)
}

/// Every name, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    CALLS.iter().map(|&(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(CALLS.is_sorted());
    }

    #[test]
    fn each_name_is_a_function_of_rhai() {
        // Ours sets the seed of all hashes of functions: behind it, no test beside this one does.
        let _ = crate::script::rhai::settings::reader();
        let mut engine = rhai::Engine::new();
        engine.on_print(|_| {}).on_debug(|_, _, _| {});
        for (name, call) in CALLS {
            assert!(call.contains(&format!("{name}(")), "{call} is a call of {name}");
            let result = engine.eval::<rhai::Dynamic>(call);
            assert!(result.is_ok(), "{call}: {result:?}");
        }
    }
}

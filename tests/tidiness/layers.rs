//! Who may import whom, and which crate belongs to which module.

use super::files::File;

/// A module and what it may import. The longest name that fits a path decides; a module may always import
/// what lies within it.
const LAYERS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("value", &[]),
    ("runtime::os", &[]),
    ("diagnostic", &["source"]),
    ("wire", &["value"]),
    ("queue", &["value"]),
    ("ast", &["source"]),
    ("syntax", &["ast", "source", "diagnostic"]),
    ("load", &["syntax", "ast", "source", "diagnostic"]),
    ("script", &["source", "diagnostic", "value"]),
    ("check", &["ast", "syntax", "script", "source", "diagnostic"]),
    ("graph", &["check", "ast", "script", "value", "source", "diagnostic"]),
    ("observe", &["value", "source", "diagnostic"]),
    ("runtime::sandbox", &["script"]),
    (
        "runtime::supervisor",
        &["graph", "ast", "script", "queue", "wire", "observe", "value", "source", "diagnostic", "runtime"],
    ),
    ("runtime::worker", &["script", "wire", "value", "source", "diagnostic", "runtime"]),
];
/// These two only know each other's messages.
const STRANGERS: [&str; 2] = ["runtime::supervisor", "runtime::worker"];
/// What every module may import is nothing; what these may import is everything.
const UNBOUND: [&str; 4] = ["cli", "embed", "runtime", "lib"];

const OWNERS: &[(&str, &[&str])] = &[
    ("pest", &["src/syntax/grammar.rs"]),
    ("pest_derive", &["src/syntax/grammar.rs"]),
    // The module of the same name is mentioned in its parent.
    ("rhai", &["src/script/rhai/", "src/script/vm/", "src/script/mod.rs"]),
    ("bincode", &["src/wire/codec"]),
    ("annotate_snippets", &["src/diagnostic/render.rs"]),
    ("clap", &["src/cli/"]),
    ("layout", &["src/graph/print/svg"]),
    ("crossbeam", &["src/runtime/worker/"]),
    ("libc", &["src/runtime/os/", "src/runtime/sandbox/filter.rs"]),
    ("landlock", &["src/runtime/sandbox/paths.rs"]),
    ("seccompiler", &["src/runtime/sandbox/filter.rs"]),
    // Its module in `value` has the same name.
    ("serde", &["src/value/", "src/wire/codec/direct/", "src/embed/", "src/observe/"]),
    ("ahash", &["src/value/"]),
    ("compact_str", &["src/value/text.rs"]),
    ("indexmap", &["src/value/map.rs"]),
    ("base64", &["src/script/lib/encoding.rs"]),
    ("blake3", &["src/script/lib/digest.rs"]),
    ("sha2", &["src/script/lib/digest.rs"]),
    ("csv", &["src/script/lib/rows.rs"]),
    ("flate2", &["src/script/lib/unpack.rs"]),
    ("zstd", &["src/script/lib/unpack.rs"]),
    ("glob", &["src/script/lib/folders.rs"]),
    ("walkdir", &["src/script/lib/folders.rs"]),
    ("jiff", &["src/script/lib/time.rs"]),
    ("regex", &["src/script/lib/pattern.rs"]),
];

const PURE: [&str; 7] = ["source", "ast", "syntax", "check", "graph", "queue", "wire::frame"];
const IMPURE: [&str; 7] =
    ["std::fs", "std::net", "std::process", "std::env", "std::thread", "std::time::Instant", "SystemTime"];

/// The imports of a file that point upwards or sideways.
pub fn violations(file: &File) -> Vec<String> {
    let module = file.module();
    let Some((own, allowed)) = layer(&module) else {
        let name = module.first().map_or("lib", String::as_str);
        let known = UNBOUND.contains(&name);
        return if known { Vec::new() } else { vec![format!("{} has no layer", file.path)] };
    };
    let is_allowed = |path: &Vec<String>| {
        let target = layer(path)
            .map_or_else(|| path.first().cloned().unwrap_or_default(), |(name, _)| name.to_owned());
        let estranged = STRANGERS.contains(&own) && STRANGERS.contains(&target.as_str());
        let beneath = |name: &str| target == name || target.starts_with(&format!("{name}::"));
        target == own || (!estranged && allowed.iter().any(|name| beneath(name)))
    };
    let forbidden = imports(file, &module).into_iter().filter(|path| !is_allowed(path));
    forbidden.map(|path| format!("{}: `{own}` may not import `{}`", file.path, path.join("::"))).collect()
}

fn layer(module: &[String]) -> Option<(&'static str, &'static [&'static str])> {
    let path = module.join("::");
    let fits = |name: &str| path == name || path.starts_with(&format!("{name}::"));
    LAYERS.iter().copied().filter(|(name, _)| fits(name)).max_by_key(|(name, _)| name.len())
}

/// Every path within this crate that the code of a file mentions, at most three names long.
fn imports(file: &File, module: &[String]) -> Vec<Vec<String>> {
    let code = file.code();
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        paths.extend(expand(&code[start + "crate::".len()..], &[]));
    }
    for (start, _) in code.match_indices("super::") {
        // Each `super` of a chain is found by itself; the first one resolves all of it.
        if code[..start].ends_with("::") {
            continue;
        }
        let (mut base, mut rest) = (module, &code[start..]);
        while let Some(next) = rest.strip_prefix("super::") {
            (base, rest) = (&base[..base.len().saturating_sub(1)], next);
        }
        paths.extend(expand(rest, base));
    }
    paths
}

/// `a::b` behind a base, or `{a::b, c}` as several paths.
fn expand(text: &str, base: &[String]) -> Vec<Vec<String>> {
    let with_base = |name: &str| {
        let names = name.split("::").map(|part| part.trim_matches(|c: char| !is_name(c)).to_owned());
        base.iter().cloned().chain(names.filter(|name| !name.is_empty())).take(3).collect()
    };
    let Some(group) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !is_name(c) && c != ':').unwrap_or(text.len());
        return vec![with_base(&text[..end])];
    };
    let mut depth = 0;
    let mut paths = vec![String::new()];
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => paths.push(String::new()),
            _ if depth == 0 => paths.last_mut().expect("there always is one").push(character),
            _ => {}
        }
    }
    paths.iter().filter(|path| !path.trim().is_empty()).map(|path| with_base(path)).collect()
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Crates that a file mentions without owning them.
pub fn strangers(file: &File) -> Vec<String> {
    let code = file.code();
    let mentions = |name: &str| {
        code.match_indices(name).any(|(start, _)| {
            let before = code[..start].chars().next_back();
            let after = &code[start + name.len()..];
            let is_path = after.starts_with("::") || after.starts_with(';') || after.starts_with(" as ");
            is_path && !before.is_some_and(|before| is_name(before) || before == ':')
        })
    };
    let owned = |places: &[&str]| places.iter().any(|place| file.path.starts_with(place));
    let foreign = OWNERS.iter().filter(|(name, places)| !owned(places) && mentions(name));
    foreign.map(|(name, places)| format!("{}: `{name}` belongs to {}", file.path, places[0])).collect()
}

/// What a pure stage uses of the world.
pub fn impurities(file: &File) -> Vec<String> {
    let path = file.module().join("::");
    let pure = PURE.iter().any(|name| path == *name || path.starts_with(&format!("{name}::")));
    let code = file.code();
    let used = IMPURE.iter().filter(|name| pure && code.contains(**name));
    used.map(|name| format!("{} is pure and may not use `{name}`", file.path)).collect()
}

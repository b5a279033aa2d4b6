//! A host function that scripts call, and a native process that stands between two of theirs.

use procession::{Context, Error, Host, Run, Script};
use serde::{Deserialize, Serialize};

const SCRIPT: &str = r#"
queue pictures
queue done

process find(out pictures) {
    for name in ["cat", "a landscape", "dog"] { pictures.put(#{ name: name, width: 100 * score(name) }); }
}
process resize(in pictures, out done, width) native
process show(in done) { for picture in done { print(`${picture.name}: ${picture.width}`); } }

start find(pictures)
start resize(pictures, done, 640)
start show(done)
"#;

#[derive(Serialize, Deserialize)]
struct Picture {
    name: String,
    width: i64,
}

/// The body of `process resize`.
fn resize(context: &mut Context) -> Result<(), Box<dyn std::error::Error>> {
    let (pictures, done) = (context.input::<Picture>("pictures")?, context.output::<Picture>("done")?);
    let most = context.param::<i64>("width")?;
    for picture in pictures.items() {
        let picture = picture?;
        done.put(&Picture { width: picture.width.min(most), ..picture })?;
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let score = |text: &str| -> i64 { i64::try_from(text.len()).unwrap_or(i64::MAX) };
    let host = Host::new().function("score", score).process("resize", resize);
    procession::init(&host);
    let graph = Script::from_text("resize.proc", SCRIPT)?.check(&host)?.graph([] as [&str; 0])?;
    let outcome = Run::builder(&graph).stdout().start()?.wait()?;
    assert!(outcome.success());
    Ok(())
}

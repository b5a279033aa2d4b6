//! Functions over text.

use super::arguments::Arguments;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::value::Value;

pub(super) const NATIVES: &[Native] = &[Native {
    name: "words",
    receiver: Receiver::None,
    shape: Shape::Function,
    params: &["text"],
    doc: "The words of a text: what stands between white space.",
    example: "\"to be or not\".words()",
    run: words,
}];

fn words(_: &mut Context<'_>, values: &mut [Value]) -> Result<Value, Fault> {
    let arguments = Arguments::new("words", values);
    let words = arguments.string(0, "text")?.split_whitespace().map(Value::string);
    Ok(Value::array(words.collect()))
}

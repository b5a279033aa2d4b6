//! What the program around the scripts gives to them: functions, and bodies of native processes.
//!
//! A host is installed once in a process, before anything else; workers are copies of the program, so that each of them
//! installs the same.

use super::fault::Ending;
use super::objects::Surroundings;
use super::registry::{Native, Receiver, Shape};
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

/// What a native process gets: its arguments by name, and the process that it runs in.
pub struct Given {
    pub arguments: Vec<(String, Value)>,
    pub surroundings: Rc<dyn Surroundings>,
}

/// The body of a native process.
pub type NativeBody = Arc<dyn Fn(Given) -> Result<(), Ending> + Send + Sync>;

/// Everything that a host gives.
#[derive(Clone, Default)]
pub struct Gifts {
    pub functions: Vec<&'static Native>,
    pub processes: BTreeMap<String, NativeBody>,
}

impl Gifts {
    /// The function of this name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&'static Native> {
        self.functions.iter().copied().find(|native| native.name == name)
    }
}

/// A function of the host as a native; what is said of it lives as long as the program.
#[must_use]
pub fn native(name: &str, params: &[String], doc: &str, code: super::registry::HostCode) -> &'static Native {
    let params: Vec<&'static str> = params.iter().map(|param| leaked(param)).collect();
    Box::leak(Box::new(Native {
        name: leaked(name),
        receiver: Receiver::None,
        shape: Shape::Function,
        params: Box::leak(params.into_boxed_slice()),
        doc: leaked(doc),
        example: "",
        run: |_, _| Ok(Value::Unit),
        host: Some(code),
    }))
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

static INSTALLED: OnceLock<Gifts> = OnceLock::new();

/// Makes this the host of the process; the first one stays.
pub fn install(gifts: Gifts) {
    let _ = INSTALLED.set(gifts);
}

/// What the host of this process gives, once there is one.
#[must_use]
pub fn installed() -> Option<&'static Gifts> {
    INSTALLED.get()
}

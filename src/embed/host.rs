//! What a program gives to the scripts that it runs: functions, native processes, and what it withholds.

use super::error::{Error, ErrorKind};
use super::function::{Code, HostFunction};
use super::native::{self, Context};
use crate::runtime;
use crate::script::capability::Capability;
use crate::script::host::{Gifts, install, installed, native};
use crate::script::registry::Registry;
use std::error::Error as AnyError;
use std::sync::Arc;

/// What a program gives to its scripts. Made once, before anything else, and given to [`init`](crate::init).
#[derive(Clone, Default)]
pub struct Host {
    gifts: Gifts,
    withheld: Vec<Capability>,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.registry().fmt(f)
    }
}

impl Host {
    /// A host that gives scripts what `procession run` gives them.
    #[must_use]
    pub fn new() -> Host {
        Host::default()
    }

    /// Gives scripts a function: every body and every expression can call it, in whichever process.
    ///
    /// Its parameters are numbers, strings (`&str` too), `bool`, `char`, `Vec`, `Option`, a `Data<T>` of anything that
    /// serde reads, or `&T` of an [`Opaque`](crate::Opaque) type; it returns the same, or a `Result` of them, whose error
    /// is thrown where the function was called.
    #[must_use]
    pub fn function<M>(self, name: &str, function: impl HostFunction<M>) -> Host {
        self.described(name, &[], "", function)
    }

    /// The same, with names for its parameters and a sentence on what it does, for [`Host::doc`].
    #[must_use]
    pub fn described<M>(
        mut self,
        name: &str,
        params: &[&str],
        doc: &str,
        function: impl HostFunction<M>,
    ) -> Host {
        let Code { arity, code } = function.into_code();
        let named = |index: usize| {
            params.get(index).map_or_else(|| format!("arg{}", index + 1), |it| (*it).to_owned())
        };
        let params: Vec<String> = (0..arity).map(named).collect();
        self.gifts.functions.retain(|known| known.name != name);
        self.gifts.functions.push(native(name, &params, doc, code));
        self
    }

    /// Gives the process that a script declares as `process NAME(…) native` its body.
    ///
    /// The error that it returns is what the process fails with, as is a panic. An error of an end is best passed on as
    /// it is: when nobody is left to take what the process puts, it then ends quietly, as a body of a script does.
    #[must_use]
    pub fn process(
        mut self,
        name: &str,
        body: impl Fn(&mut Context) -> Result<(), Box<dyn AnyError>> + Send + Sync + 'static,
    ) -> Host {
        let body = Arc::new(move |given| native::run(&body, given));
        self.gifts.processes.insert(name.to_owned(), body);
        self
    }

    /// Withholds a part of the library from scripts: `check` refuses those that use it, and it is not there at run time.
    #[must_use]
    pub fn without(mut self, capability: Capability) -> Host {
        if !self.withheld.contains(&capability) {
            self.withheld.push(capability);
        }
        self
    }

    /// Every function that scripts of this host can call, one a line, as `procession doc` lists them.
    #[must_use]
    pub fn doc(&self) -> String {
        let registry = self.registry();
        let lines = registry.natives().map(|native| format!("{:36} {}", native.call(), native.doc));
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry {
            functions: self.gifts.functions.clone(),
            processes: self.gifts.processes.keys().cloned().collect(),
            withheld: self.withheld.clone(),
        }
    }
}

/// Makes this program able to run scripts. Call it first in `main`, before threads are started.
///
/// The processes of a run are copies of this program: in such a copy this function does not return, but becomes the
/// process that it was started for. Everywhere else it remembers the host and returns.
pub fn init(host: &Host) {
    install(host.gifts.clone());
    runtime::init();
}

/// Why no run of this can be started, when none can.
pub(crate) fn check_init(registry: &Registry) -> Result<(), Error> {
    let Some(gifts) = installed() else {
        return Err(Error::new(
            ErrorKind::Init,
            "no run can be started, since this program has not called `procession::init`: its processes are copies of \
             this program, and `init` is what makes processes of them. Call `procession::init(&host)` first in `main`; \
             for tests set `harness = false` in Cargo.toml, so that they have a `main` of their own",
        ));
    };
    let functions = registry.functions.iter().map(|native| native.name);
    let unknown = functions.filter(|name| gifts.function(name).is_none());
    let processes = registry.processes.iter().map(String::as_str);
    match unknown.chain(processes.filter(|name| !gifts.processes.contains_key(*name))).next() {
        None => Ok(()),
        Some(name) => Err(Error::new(
            ErrorKind::Init,
            format!(
                "`{name}` is not of the host that `procession::init` was given: the processes would not have it"
            ),
        )),
    }
}

//! The stages of a script as types: [`Script`], [`Program`], [`Graph`]. Each is made of the one before.

use super::error::{Error, ErrorKind};
use super::host::Host;
use super::problem::{Problem, problems};
use crate::diagnostic::{Code, Diagnostic, codes, sort};
use crate::graph::arguments::{Parsed, parse};
use crate::load::{Loaded, load, load_text};
use crate::{check, graph};
use std::path::Path;

/// Where these are, it is not sure what is a body.
const UNBALANCED: [Code; 4] = [codes::P0003, codes::P0004, codes::P0005, codes::P0006];

/// A script that was read: its text, and that of what it imports.
#[derive(Debug)]
pub struct Script {
    loaded: Loaded,
}

impl Script {
    /// Reads a script from a file, and what it imports.
    ///
    /// # Errors
    /// [`ErrorKind::Script`] for a file that cannot be read, and for mistakes in the grammar of declarations.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Script, Error> {
        Script::of(load(path.as_ref()))
    }

    /// Takes a script's text. Messages call it by `name`; what it imports is looked for beside a file of that name.
    ///
    /// # Errors
    /// As [`Script::from_file`].
    pub fn from_text(name: &str, text: impl Into<String>) -> Result<Script, Error> {
        Script::of(load_text(name, text.into()))
    }

    fn of(mut loaded: Loaded) -> Result<Script, Error> {
        if loaded.problems.iter().any(Diagnostic::is_error) {
            if !loaded.problems.iter().any(|problem| UNBALANCED.contains(&problem.code)) {
                loaded.problems.extend(check::check_bodies(&loaded.sources, &loaded.files));
            }
            sort(&mut loaded.problems);
            return Err(Error::of_script(ErrorKind::Script, loaded.problems, &loaded.sources));
        }
        Ok(Script { loaded })
    }

    /// Checks names, calls, ports and bodies, for a host: what it gives is there, what it leaves out is not.
    ///
    /// # Errors
    /// [`ErrorKind::Script`] with everything that is wrong.
    pub fn check(&self, host: &Host) -> Result<Program, Error> {
        let Loaded { sources, files, problems: found } = &self.loaded;
        let (program, more) = check::check_files(sources, files, &host.registry());
        let mut found: Vec<Diagnostic> = found.iter().cloned().chain(more).collect();
        sort(&mut found);
        match program {
            Some(program) => Ok(Program { program, found }),
            None => Err(Error::of_script(ErrorKind::Script, found, sources)),
        }
    }
}

/// A script without mistakes.
#[derive(Clone, Debug)]
pub struct Program {
    program: check::Program,
    found: Vec<Diagnostic>,
}

impl Program {
    /// Its texts, as engines have them.
    pub(crate) fn unit(&self) -> crate::script::Unit {
        crate::graph::texts(&self.program)
    }

    /// What is suspicious in it.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        problems(&self.found, &self.program.sources)
    }

    /// The run that it makes of these arguments, as they would stand on a command line.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for arguments that do not fit and expressions that cannot be evaluated;
    /// [`ErrorKind::Help`] when they ask for help.
    pub fn graph<A: Into<String>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<Graph, Error> {
        let arguments: Vec<String> = arguments.into_iter().map(Into::into).collect();
        let made = match parse(&self.program, &arguments) {
            Ok(Parsed::Help(text)) => return Err(Error::new(ErrorKind::Help, text)),
            Ok(Parsed::Run(arguments)) => graph::elaborate(&self.program, arguments),
            Err(problems) => Err(problems),
        };
        match made {
            Ok(graph) => Ok(Graph { graph }),
            Err(found) => Err(Error::of_script(ErrorKind::Arguments, found, &self.program.sources)),
        }
    }

    /// What fails in its expressions whatever the arguments are, or with the defaults of all params.
    pub(crate) fn rehearse(&self) -> Vec<Diagnostic> {
        graph::rehearse(&self.program)
    }

    pub(crate) fn found(&self) -> (&[Diagnostic], &crate::source::Sources) {
        (&self.found, &self.program.sources)
    }
}

/// A whole run on paper: every process and every queue, before anything is started.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(crate) graph: graph::Graph,
}

/// A process of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// Its name, as `counter.3`.
    pub name: String,
    /// The template that it is made of.
    pub template: String,
    /// The queues that it takes from.
    pub takes: Vec<String>,
    /// The queues that it puts into.
    pub puts: Vec<String>,
    /// Whether the run ends without it.
    pub daemon: bool,
    /// It starts when these have ended with success.
    pub after: Vec<String>,
}

impl Graph {
    /// The name of the script.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.graph.name
    }

    /// Its processes, in the order in which they start.
    pub fn processes(&self) -> impl Iterator<Item = Node> + '_ {
        self.graph.nodes.iter().map(|node| self.node(node))
    }

    /// The names of its queues.
    pub fn queues(&self) -> impl Iterator<Item = &str> + '_ {
        self.graph.queues.iter().map(|queue| &*queue.name)
    }

    /// The names of the texts that it was made of: places in events are numbers of these.
    pub fn sources(&self) -> impl Iterator<Item = &str> + '_ {
        self.graph.sources.iter().map(|(_, source)| source.name())
    }

    /// As lines for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        graph::print::text(&self.graph)
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        graph::print::json(&self.graph)
    }

    /// For Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        graph::print::dot(&self.graph)
    }

    /// For Mermaid.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        graph::print::mermaid(&self.graph)
    }

    /// As a picture.
    #[must_use]
    pub fn to_svg(&self) -> String {
        graph::print::svg(&self.graph)
    }

    fn node(&self, node: &graph::Node) -> Node {
        let template = &self.graph.unit.templates[node.template as usize];
        let name = |queue: &graph::QueueId| self.graph.queues[queue.0 as usize].name.clone();
        let (mut takes, mut puts) = (Vec::new(), Vec::new());
        for (parameter, binding) in template.parameters.iter().zip(&node.bindings) {
            let named: Vec<String> = match binding {
                graph::Binding::Queue(queue) => vec![name(queue)],
                graph::Binding::Queues(queues) => queues.iter().map(name).collect(),
                graph::Binding::Value(_) | graph::Binding::Shared(_) => Vec::new(),
            };
            match parameter.kind {
                crate::script::unit::ParameterKind::In => takes.extend(named),
                crate::script::unit::ParameterKind::Out => puts.extend(named),
                crate::script::unit::ParameterKind::Plain => {}
            }
        }
        Node {
            name: node.name.clone(),
            template: template.name.clone(),
            takes,
            puts,
            daemon: node.daemon,
            after: node.after.iter().map(|before| self.graph.nodes[before.0 as usize].name.clone()).collect(),
        }
    }
}

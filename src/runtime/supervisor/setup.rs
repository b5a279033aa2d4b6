//! What a run is made of besides its graph.

use super::{Colour, Sink};
use crate::graph::plan::Transport;
use crate::observe::Observer;
use crate::runtime::handle::Shared as Pictures;
use crate::runtime::hosted::Leftovers;
use crate::runtime::watch::Listener;
use crate::runtime::{Limits, Start};
use crate::script::Confinement;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What a run needs besides its graph.
pub struct Setup<'a> {
    pub observer: &'a mut dyn Observer,
    /// Lead each line of output by its process's name.
    pub prefix: Option<Colour>,
    /// How each queue is reached.
    pub transports: Vec<Transport>,
    /// Our side of main's control socket, when the graph has a main.
    pub main: Option<UnixStream>,
    /// Where lines of output go.
    pub sink: Sink,
    /// One byte each: the number of a signal, or a [`Command`](crate::runtime::Command).
    pub commands: Option<UnixStream>,
    /// Where pictures of the run go that are asked for by a command.
    pub pictures: Option<Arc<Pictures>>,
    /// Our side of the control socket of the program around the run, when the graph has host queues.
    pub host: Option<UnixStream>,
    pub limits: Limits,
    /// What processes may reach at most.
    pub bounds: Option<Confinement>,
    /// How often to look who waits and how many items have passed, when somebody wants to know.
    pub look_every: Option<Duration>,
    /// Where goes what is left for the program at the end.
    pub leftovers: Arc<Leftovers>,
    /// Set when main's body is to end.
    pub stop_main: Arc<AtomicBool>,
    /// Have a guardian, and adopt orphans.
    pub guarded: bool,
    pub start: Start,
    /// Where those call who ask how the run is going.
    pub listener: Option<Listener>,
}

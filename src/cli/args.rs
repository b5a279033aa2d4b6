//! The one table of arguments: what the command line accepts, and what `--help` says about it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  procession run words.proc --top 5 a.txt b.txt   run a script with arguments of its own
  procession words.proc a.txt                     the same; `run` may be left out
  procession run words.proc --help                the script's own help
  procession check *.proc                         find mistakes without running anything
  procession graph words.proc --format mermaid    draw the processes and queues of a run
  procession ps                                   the runs that are going on, and their processes
  procession why words.proc report                what `report` waits for, and who holds it up
  procession doc read_lines                       what a function of the library does
  procession explain P0107                        what an error means and how to mend it

A script that begins with `#!/usr/bin/env procession` can be run by its name.
Exit status: 0 success, 1 a process failed, 2 the script or its arguments are wrong, 3 deadlock.\n";

/// Runs scripts whose programs are graphs of real processes joined by queues.
#[derive(Debug, Parser)]
#[command(name = "procession", version, after_help = EXAMPLES, subcommand_required = true)]
#[command(
    arg_required_else_help = true,
    override_usage = "procession [OPTIONS] FILE [ARGS]...\n       procession COMMAND ..."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a script (the word `run` may be left out)
    Run(Run),
    /// Find mistakes in scripts without running them
    Check(Check),
    /// Show the processes and queues that a run would have
    Graph(Graph),
    /// List the runs that are going on, and what their processes do
    Ps(Ps),
    /// Say what the processes of a run wait for, and who holds them up
    Why(Why),
    /// List the functions that bodies can call, or tell what one of them does
    Doc(Doc),
    /// Explain the code of an error or warning, as P0107
    Explain(Explain),
}

#[derive(Debug, Args)]
pub struct Run {
    /// Lead each line of output by the name of its process
    #[arg(long)]
    pub prefix: bool,

    /// What runs bodies
    #[arg(long, value_enum, default_value_t)]
    pub engine: Engine,

    /// How queues are reached: each as fast as it can be, or all of them in the supervisor
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub transport: Transport,

    /// How processes are started: as copies of one that has compiled the script, or each executed anew (slower)
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub start: StartBy,

    #[command(flatten)]
    pub script: Script,
}

/// A script and its own arguments.
#[derive(Debug, Args)]
pub struct Script {
    /// The script, `-` for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Arguments of the script: everything behind its name
    #[arg(value_name = "ARGS")]
    pub arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The scripts, `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// How to write what was found
    #[arg(long, value_enum, default_value_t)]
    pub format: CheckFormat,

    /// Say for each body and function which engine runs it, and why
    #[arg(long, conflicts_with = "format")]
    pub explain_engine: bool,
}

#[derive(Debug, Args)]
pub struct Graph {
    /// How to draw it
    #[arg(long, value_enum, default_value_t)]
    pub format: GraphFormat,

    /// Show what would be launched, and which way each queue goes and why
    #[arg(long, conflicts_with = "format")]
    pub plan: bool,

    #[command(flatten)]
    pub script: Script,
}

#[derive(Debug, Args)]
pub struct Ps {
    /// Only this run: its pid, or the name of its script
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub format: WatchFormat,
}

#[derive(Debug, Args)]
pub struct Why {
    /// The run: its pid, or the name of its script
    #[arg(value_name = "RUN")]
    pub run: String,

    /// The process; all that wait for others are explained without it
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub format: WatchFormat,
}

#[derive(Debug, Args)]
pub struct Doc {
    /// The function; all are listed without it
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The code; all are listed without it
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The register machine; what it does not run, Rhai runs
    #[default]
    Vm,
    /// Rhai's tree walker, which is slower
    Rhai,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    #[default]
    Auto,
    Broker,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StartBy {
    #[default]
    Zygote,
    Exec,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    #[default]
    Text,
    Short,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    #[default]
    Text,
    Dot,
    Mermaid,
    Svg,
    Json,
}

//! `docs/functions.md`, written from the registry of natives.

use procession::script::registry::{Native, Receiver, Shape, natives};

const HEAD: &str = "\
# Functions

What bodies can call beside Rhai's own functions, written from the registry of the program by
`UPDATE=1 cargo test --test docs`. Times are in seconds.
";

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    section(&mut page, "Queues", "Members of a queue's end, `q`.", Receiver::Queue);
    section(&mut page, "Processes", "Members of a process object, `p`.", Receiver::Process);
    section(&mut page, "Locks and semaphores", "Members of a lock or a semaphore, `l`.", Receiver::Lock);
    section(&mut page, "Events", "Members of an event, `e`.", Receiver::Event);
    section(&mut page, "Barriers", "Members of a barrier, `b`.", Receiver::Barrier);
    section(&mut page, "Counters", "Members of a counter, `n`.", Receiver::Counter);
    section(&mut page, "Tables", "Members of a table, `t`. Its keys are strings.", Receiver::Table);
    section(&mut page, "Pools", "Members of a pool of worker processes, `pool`.", Receiver::Pool);
    let job = "Members of what a pool does in the background, `job`.";
    section(&mut page, "Jobs of pools", job, Receiver::PoolJob);
    let plain = "Called by name; with an argument, also as a method of it: `list.sorted()`.";
    section(&mut page, "Functions", plain, Receiver::None);
    page
}

fn section(page: &mut String, title: &str, introduction: &str, receiver: Receiver) {
    page.push_str(&format!(
        "\n## {title}\n\n{introduction}\n\n| call | what it does | example |\n| --- | --- | --- |\n"
    ));
    for native in natives().filter(|native| native.receiver == receiver) {
        page.push_str(&format!(
            "| `{}` | {} | `{}` |\n",
            call(native),
            cell(native.doc),
            cell(native.example)
        ));
    }
}

fn call(native: &Native) -> String {
    let object = match native.receiver {
        Receiver::None => "",
        Receiver::Queue => "q.",
        Receiver::Process => "p.",
        Receiver::Lock => "l.",
        Receiver::Event => "e.",
        Receiver::Barrier => "b.",
        Receiver::Counter => "n.",
        Receiver::Table => "t.",
        Receiver::Pool => "pool.",
        Receiver::PoolJob => "job.",
    };
    let list = match native.shape {
        Shape::Property => String::new(),
        Shape::Function => format!("({})", native.params.join(", ")),
    };
    format!("{object}{}{list}", native.name)
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

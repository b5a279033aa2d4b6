//! Random trees without spans: every declaration, with names and expressions that are easy to misread.

use procession::ast::*;
use procession::source::{SourceId, Span};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const NAMES: &[&str] = &[
    "a",
    "x_1",
    "_p",
    "queue",
    "begin",
    "dead",
    "start",
    "order",
    "daemon",
    "capacity",
    "as_",
    "param",
    "pipe",
    "unbounded",
    "nothing",
    "exec",
    "native",
    "restart",
    "letter",
    "KiB",
    "s",
    "native_1",
    "infinite",
];

/// Expressions that stand outside of brackets.
const EXPRESSIONS: &[&str] = &[
    "5",
    "-5",
    "0x1F",
    "1.5e3",
    "1..5",
    "0..=n",
    "a.b.c(1, 2)",
    "a\n    .b()\n    .c",
    "a +\n    b",
    "x in xs",
    "x !in xs",
    "(if x { 1 } else { 2 })",
    "\"a \\\" } b\"",
    "\"a \"\"b\"\" c\"",
    "`a ${b + `${\"}\"}`} \\${ c`",
    "`two\nlines`",
    "'\\''",
    "#\"raw \" \\\"#",
    "##\"raw \"# \"##",
    "#{ a: 1, \"b\": [2, { 3 }] }",
    "[1, 2, 3][0]",
    "f(|a, b| a + b)",
    "|a, b| a + b",
    "|| 5",
    "a ?? b",
    "a?.b",
    "a?[0]",
    "m::f(1)",
    "a * b % c ** d",
    "!a && -b || +c",
    "a < b == c >= d",
    "a & b | c ^ d << 1 >> 2",
    "order",
    "daemon + capacity",
    "a /* c ( */ + /* /* n */ */ b",
    "a + // rest }\n    b",
    "this",
    "f!(x)",
    "64.to_string()",
    "\"ä€\"",
    "Fn(\"f\")",
    "((((((1))))))",
    "[]",
    "#{}",
    "()",
];

/// Expressions that only stand in brackets.
const INNER: &[&str] = &[
    "if x { 1 } else { 2 }",
    "switch x { 1 => 2, _ => 3 }",
    "{ let y = 1; y }",
    "|a, b| { a + b }",
    "a\n    b",
    "a => b",
    "x = 5",
    "|a| |b, c| a",
    "a || b",
    "a | b",
];

const BODIES: &[&str] = &[
    "",
    " ",
    " print(\"}\"); ",
    "\n    for x in q { x.put(`${ #{a: \"}\"} }`); }\n",
    " /* } */ // }\n",
    " '}' ",
    " #\"}\"# ##\"\"#}\"## ",
    "\r\n let x = 1;\r\n",
    " \"a \\\r\n b\" ",
    "\nqueue q\n",
    " `\nmain {` ",
    " \"a\"\"}\" ",
    " /// } \n",
    " ä€ ",
    " a # b ",
    " x => y; z ",
];

const TEXTS: &[&str] =
    &["", "a.proc", "a \"b\" \\ c", "line\nbreak\ttab\r", "ä€\u{1}", "${x} `y`", "a/b:443"];

fn name() -> impl Strategy<Value = Name> {
    select(NAMES).prop_map(|text| Name { text: text.to_owned(), span: Span::default() })
}

fn names() -> impl Strategy<Value = Vec<Name>> {
    prop::collection::vec(name(), 0..4)
}

fn written(text: &str) -> Expr {
    Expr { text: text.to_owned(), span: Span::default() }
}

fn outer() -> impl Strategy<Value = Expr> {
    select(EXPRESSIONS).prop_map(written)
}

fn inner() -> impl Strategy<Value = Expr> {
    prop_oneof![select(EXPRESSIONS), select(INNER)].prop_map(written)
}

fn block() -> impl Strategy<Value = Block> {
    select(BODIES).prop_map(|text| Block { text: text.to_owned(), span: Span::default() })
}

fn text() -> impl Strategy<Value = String> {
    select(TEXTS).prop_map(str::to_owned)
}

/// A size or a duration: as large as one can be written.
fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![0..5000_u64, Just(1 << 30), Just(3_600_000), Just(512_000_000), 0..i64::MAX.cast_unsigned()]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![name().prop_map(|name| name.text), text()]
}

fn docs() -> impl Strategy<Value = Vec<String>> {
    let line =
        select(&["", "Counts words.", "  indented", "/ slash", "`code` ä"][..]).prop_map(str::to_owned);
    prop::collection::vec(line, 0..3)
}

pub fn file() -> impl Strategy<Value = File> {
    let items = prop::collection::vec(item(), 1..8);
    (docs(), items).prop_map(|(docs, items)| File { source: SourceId(0), docs, items })
}

fn item() -> impl Strategy<Value = Item> {
    (docs(), kind()).prop_map(|(docs, kind)| Item { docs, span: Span::default(), kind })
}

fn kind() -> impl Strategy<Value = ItemKind> {
    prop_oneof![
        values(),
        function(),
        queue().prop_map(ItemKind::Queue),
        process().prop_map(ItemKind::Process),
        thread().prop_map(ItemKind::Process),
        shared().prop_map(ItemKind::Shared),
        start(true).prop_map(ItemKind::Start),
        prop::collection::vec(start(false), 2..4).prop_map(|stages| ItemKind::Pipe(Pipe { stages })),
        block().prop_map(ItemKind::Main),
    ]
}

fn values() -> impl Strategy<Value = ItemKind> {
    let param = |(name, default)| ItemKind::Param(Param { name, default, rest: false });
    let rest = |name| ItemKind::Param(Param { name, default: None, rest: true });
    let constant = |(name, value)| ItemKind::Const(Const { name, value });
    let import = |(path, alias)| ItemKind::Import(Import { path, path_span: Span::default(), alias });
    prop_oneof![
        (name(), of(outer())).prop_map(param),
        name().prop_map(rest),
        (name(), outer()).prop_map(constant),
        (text(), name()).prop_map(import),
    ]
}

fn function() -> impl Strategy<Value = ItemKind> {
    (name(), names(), block())
        .prop_map(|(name, params, body)| ItemKind::Function(Function { name, params, body }))
}

fn queue() -> impl Strategy<Value = Queue> {
    let flavour = select(vec![
        QueueFlavour::Plain,
        QueueFlavour::Joinable,
        QueueFlavour::Broadcast,
        QueueFlavour::Host,
    ]);
    (flavour, name(), of(inner()), queue_clauses()).prop_map(|(flavour, name, array, clauses)| Queue {
        flavour,
        name,
        array,
        clauses,
    })
}

fn queue_clauses() -> impl Strategy<Value = Vec<Clause<QueueClause>>> {
    let capacity = prop_oneof![
        outer().prop_filter("another meaning", |count| count.text != "unbounded").prop_map(Capacity::Items),
        amount().prop_map(Capacity::Bytes),
        Just(Capacity::Unbounded),
    ];
    let order = select(vec![Order::Fifo, Order::Lifo, Order::Priority]);
    let when = select(vec![WhenFull::Wait, WhenFull::DropOldest, WhenFull::DropNewest]);
    let one_of_each = (item_type(), capacity, order, when, outer(), name());
    one_of_each.prop_flat_map(|(kind, capacity, order, when, times, dead)| {
        let all = vec![
            QueueClause::Of(kind),
            QueueClause::Capacity(capacity),
            QueueClause::Order(order),
            QueueClause::WhenFull(when),
            QueueClause::Redeliver(times),
            QueueClause::DeadLetter(dead),
        ];
        some(all)
    })
}

/// Some of these clauses, in any order.
fn some<K: Clone + std::fmt::Debug + 'static>(all: Vec<K>) -> impl Strategy<Value = Vec<Clause<K>>> {
    let count = all.len();
    let clause = |kind| Clause { kind, span: Span::default() };
    subsequence(all, 0..=count).prop_shuffle().prop_map(move |kinds| kinds.into_iter().map(clause).collect())
}

fn item_type() -> impl Strategy<Value = ItemType> {
    let plain = select(vec![
        ItemType::Int,
        ItemType::Float,
        ItemType::Bool,
        ItemType::String,
        ItemType::Blob,
        ItemType::Map,
        ItemType::Any,
    ]);
    plain.prop_recursive(3, 12, 3, |inner| {
        let fields = prop::collection::vec((key(), inner.clone(), any::<bool>()), 0..3);
        prop_oneof![
            inner.prop_map(|inner| ItemType::ArrayOf(Box::new(inner))),
            fields.prop_map(ItemType::Record)
        ]
    })
}

fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    let direction = of(select(vec![Direction::In, Direction::Out]));
    let parameter = (direction, name(), of(inner())).prop_map(|(direction, name, default)| Parameter {
        direction,
        name,
        default,
        span: Span::default(),
    });
    prop::collection::vec(parameter, 0..4)
}

fn process() -> impl Strategy<Value = Process> {
    let formats = vec![ExecFormat::Lines, ExecFormat::Json, ExecFormat::Bytes, ExecFormat::Nul];
    let exec = |(command, format)| ProcessBody::Exec { command, format, span: Span::default() };
    let body = prop_oneof![
        block().prop_map(ProcessBody::Block),
        Just(ProcessBody::Native(Span::default())),
        (outer(), select(formats)).prop_map(exec),
    ];
    (name(), parameters(), process_clauses(), body).prop_map(|(name, parameters, clauses, body)| Process {
        name,
        parameters,
        clauses,
        body,
    })
}

fn thread() -> impl Strategy<Value = Process> {
    (name(), parameters(), block()).prop_map(|(name, parameters, body)| Process {
        name,
        parameters,
        clauses: Vec::new(),
        body: ProcessBody::Thread(body),
    })
}

fn process_clauses() -> impl Strategy<Value = Vec<Clause<ProcessClause>>> {
    let policy = prop_oneof![
        select(vec![OnFailure::Stop, OnFailure::Continue, OnFailure::Ignore]),
        (outer(), of(amount())).prop_map(|(times, backoff_ms)| OnFailure::Restart { times, backoff_ms }),
    ];
    let env = prop::collection::vec((key(), inner()), 0..3);
    let amounts = (amount(), amount(), amount());
    let one_of_each = (policy, amounts, outer(), outer(), env, prop::collection::vec(allowance(), 0..3));
    one_of_each.prop_flat_map(|(policy, (timeout, memory, cpu), nice, cwd, env, allowed)| {
        let all = vec![
            ProcessClause::Daemon,
            ProcessClause::OnFailure(policy),
            ProcessClause::Timeout(timeout),
            ProcessClause::Memory(memory),
            ProcessClause::Cpu(cpu),
            ProcessClause::Nice(nice),
            ProcessClause::Cwd(cwd),
            ProcessClause::Env(env),
            ProcessClause::Allow(allowed),
        ];
        some(all)
    })
}

fn allowance() -> impl Strategy<Value = Allowance> {
    let what = select(vec![AllowKind::Read, AllowKind::Write, AllowKind::Run, AllowKind::Net]);
    (what, text()).prop_map(|(what, value)| Allowance { what, value, span: Span::default() })
}

fn shared() -> impl Strategy<Value = Shared> {
    let plain = select(vec![SharedKind::Lock, SharedKind::Event, SharedKind::Table, SharedKind::Counter]);
    let sized = select(vec![SharedKind::Semaphore, SharedKind::Barrier]);
    prop_oneof![
        (plain, name()).prop_map(|(kind, name)| Shared { kind, name, value: None }),
        (sized, name(), inner()).prop_map(|(kind, name, value)| Shared { kind, name, value: Some(value) }),
        (name(), outer()).prop_map(|(name, value)| Shared {
            kind: SharedKind::Counter,
            name,
            value: Some(value)
        }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let argument = (of(name()), inner()).prop_map(|(name, value)| Argument { name, value });
    (of(name()), name(), prop::collection::vec(argument, 0..3))
        .prop_map(|(module, template, arguments)| Call { module, template, arguments, span: Span::default() })
}

/// A start; without what a pipe does not take when it is not alone.
fn start(alone: bool) -> impl Strategy<Value = Start> {
    let many = of(prop_oneof![
        outer().prop_map(Many::Times),
        (name(), outer()).prop_map(|(variable, values)| Many::Each { variable, values }),
    ]);
    (of(name()), call(), many, of(outer()), names(), process_clauses()).prop_map(
        move |(name, call, many, condition, after, clauses)| Start {
            name: name.filter(|_| alone),
            call,
            many,
            condition: condition.filter(|_| alone),
            after: if alone { after } else { Vec::new() },
            clauses,
        },
    )
}

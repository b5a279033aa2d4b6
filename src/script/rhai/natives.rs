//! The registry's natives, and the templates, as functions of Rhai.

use super::paths;
use super::state::State;
use crate::script::fault::Fault;
use crate::script::objects::shared::SharedObject;
use crate::script::objects::{ProcessHandle, ProcessObject, QueueObject};
use crate::script::registry::{Context, Native, Receiver, Shape};
use crate::script::unit::Template;
use crate::value::{Function, Object, Value};
use rhai::{
    Dynamic, EvalAltResult, FnPtr, FuncRegistration, ImmutableString, Module, NativeCallContext, RhaiFunc,
};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::rc::Rc;

type RhaiResult = Result<Dynamic, Box<EvalAltResult>>;

/// Natives of one name and number of arguments; which one is meant, the receiver tells.
type Group = Vec<&'static Native>;

/// Rhai has functions of these names over these types, which it would ask before one over any type.
fn hidden_by_rhai(name: &str) -> &'static [fn() -> TypeId] {
    match name {
        "sleep" => &[TypeId::of::<i64>, TypeId::of::<f64>],
        "parse_json" => &[TypeId::of::<ImmutableString>],
        "to_json" => &[TypeId::of::<rhai::Map>],
        _ => &[],
    }
}

pub(super) fn install(module: &mut Module, state: &Rc<State>) {
    for ((name, arity, on_object), group) in groups(state) {
        let group = Rc::new(group);
        let mut types = vec![TypeId::of::<Dynamic>(); arity];
        if on_object {
            types[0] = TypeId::of::<Object>();
        }
        for hidden in hidden_by_rhai(&name).iter().filter(|_| arity == 1) {
            register(module, state, &name, &[hidden()], &group);
        }
        register(module, state, &name, &types, &group);
    }
    install_templates(module, state);
    install_object_basics(module);
    install_names_of_functions(module);
}

fn groups(state: &State) -> BTreeMap<(String, usize, bool), Group> {
    let mut groups: BTreeMap<_, Group> = BTreeMap::new();
    for native in state.unit.registry.natives() {
        let on_object = native.receiver != Receiver::None;
        let arity = native.params.len() + usize::from(on_object);
        for name in names(native) {
            groups.entry((name, arity, on_object)).or_default().push(native);
        }
    }
    groups
}

/// A property can be read as `q.len` and, as Rhai's own, as `q.len()`.
fn names(native: &Native) -> Vec<String> {
    match (native.shape, native.params.len()) {
        (Shape::Function, _) => vec![native.name.to_owned()],
        (Shape::Property, 0) => vec![format!("get${}", native.name), native.name.to_owned()],
        (Shape::Property, _) => vec![format!("set${}", native.name)],
    }
}

fn register(module: &mut Module, state: &Rc<State>, name: &str, types: &[TypeId], group: &Rc<Group>) {
    let (state, group) = (state.clone(), group.clone());
    if types.first() == Some(&TypeId::of::<Object>()) {
        add_member(module, name, types, move |context, args| call(&state, &group, context, args));
    } else {
        add(module, name, types, move |context, args| call(&state, &group, context, args));
    }
}

/// A function whose arguments are all taken. To Rhai such a function is "pure": a first argument that is a
/// variable comes as a copy.
fn add(
    module: &mut Module,
    name: &str,
    types: &[TypeId],
    run: impl Fn(NativeCallContext<'_>, &mut [&mut Dynamic]) -> RhaiResult + 'static,
) {
    let func = Rc::new(with_context(run));
    let func = RhaiFunc::Pure { func, has_context: true, is_pure: true, is_volatile: true };
    FuncRegistration::new(name).in_global_namespace().set_into_module_raw(module, types, func);
}

/// A member of an object, which comes by reference; members of constants may be called too.
fn add_member(
    module: &mut Module,
    name: &str,
    types: &[TypeId],
    run: impl Fn(NativeCallContext<'_>, &mut [&mut Dynamic]) -> RhaiResult + 'static,
) {
    let func = Rc::new(with_context(run));
    let func = RhaiFunc::Method { func, has_context: true, is_pure: true, is_volatile: true };
    FuncRegistration::new(name).in_global_namespace().set_into_module_raw(module, types, func);
}

/// Rhai gives a context to those that have asked for one.
fn with_context(
    run: impl Fn(NativeCallContext<'_>, &mut [&mut Dynamic]) -> RhaiResult,
) -> impl Fn(Option<NativeCallContext<'_>>, &mut [&mut Dynamic]) -> RhaiResult {
    move |context, args| context.map_or(Ok(Dynamic::UNIT), |context| run(context, args))
}

fn call(
    state: &Rc<State>,
    group: &Group,
    context: NativeCallContext<'_>,
    args: &mut [&mut Dynamic],
) -> RhaiResult {
    state.at(context.call_position());
    let mut known = Vec::new();
    let mut values: Vec<Value> = args.iter_mut().map(|arg| argument(state, arg, &mut known)).collect();
    let functions = Callbacks { state, context: &context, known };
    let mut failed = None;
    let mut call =
        |function: &Function, arguments: Vec<Value>| functions.call(function, arguments, &mut failed);
    let mut surroundings = Context { surroundings: state.surroundings(), call: &mut call };
    let result = match choose(group, &values) {
        Ok(native) => native.invoke(&mut surroundings, &mut values),
        Err(no_member) => match hidden_template(state, group, values.len()) {
            Some(template) => create(state, template, values),
            None => Err(no_member),
        },
    };
    match (result, failed) {
        (Ok(value), _) => state.whole(value).map_err(|fault| state.raise(fault).into()),
        // The callback's own error knows its place; the native only passed it on.
        (Err(Fault::Thrown(_) | Fault::Elsewhere(_)), Some(error)) => Err(error),
        (Err(fault), _) => Err(state.raise(fault).into()),
    }
}

/// A function is remembered as it came, so that calling it reaches the variables that it shares.
fn argument(state: &State, arg: &mut Dynamic, known: &mut Vec<(Rc<Function>, FnPtr)>) -> Value {
    if let Some(object) = arg.read_lock::<Object>() {
        return Value::Object(object.clone());
    }
    let pointer = arg.read_lock::<FnPtr>().map(|pointer| pointer.clone());
    let value = state.value(std::mem::take(arg));
    if let (Value::Function(function), Some(pointer)) = (&value, pointer) {
        known.push((function.clone(), pointer));
    }
    value
}

fn choose(group: &Group, values: &[Value]) -> Result<&'static Native, Fault> {
    let fits = |native: &&&'static Native| match (native.receiver, values.first()) {
        (Receiver::None, _) => true,
        (receiver, Some(Value::Object(object))) => receiver.is(object),
        _ => false,
    };
    group.iter().find(fits).copied().ok_or_else(|| {
        let name = group.first().map_or("", |native| native.name);
        let what = values.first().map_or("()", Value::type_name);
        Fault::error("Type", format!("{what} has no member `{name}`"))
    })
}

/// The functions that came as arguments, called as the script would call them.
struct Callbacks<'a> {
    state: &'a State,
    context: &'a NativeCallContext<'a>,
    known: Vec<(Rc<Function>, FnPtr)>,
}

impl Callbacks<'_> {
    fn call(
        &self,
        function: &Function,
        arguments: Vec<Value>,
        failed: &mut Option<Box<EvalAltResult>>,
    ) -> Result<Value, Fault> {
        let known = self.known.iter().find(|(known, _)| std::ptr::eq(&raw const **known, function));
        let pointer = known.map_or_else(|| self.state.pointer(function), |(_, pointer)| pointer.clone());
        let arguments: Vec<Dynamic> = arguments.into_iter().map(|value| self.state.dynamic(value)).collect();
        match pointer.call_raw(self.context, None, arguments) {
            Ok(value) => Ok(self.state.value(value)),
            Err(error) => {
                let value = super::errors::failure(self.state, &error).value;
                *failed = Some(error);
                Err(Fault::Thrown(value))
            }
        }
    }
}

/// `worker(args…)`: each template is a function of as many arguments as are given.
fn install_templates(module: &mut Module, state: &Rc<State>) {
    for (index, template) in state.unit.templates.iter().enumerate() {
        for arity in 0..=template.parameters.len().min(ANY_MAX) {
            let state = state.clone();
            let types = vec![TypeId::of::<Dynamic>(); arity];
            add(module, &paths::inner(&template.name), &types, move |context, args| {
                state.at(context.call_position());
                let given = args.iter_mut().map(|arg| state.value(std::mem::take(*arg))).collect();
                let process = create(&state, index, given);
                process.map(|value| state.dynamic(value)).map_err(|fault| state.raise(fault).into())
            });
        }
    }
}

/// So many arguments of a function may be of any type; Rhai does not find one that takes more.
const ANY_MAX: usize = 16;

/// A call of a template with more arguments than that.
pub(super) fn long_call(state: &State, name: &str, arguments: &mut [&mut Dynamic]) -> Option<RhaiResult> {
    if arguments.len() <= ANY_MAX {
        return None;
    }
    let index = template_for(state, name, arguments.len())?;
    let given = arguments.iter_mut().map(|argument| state.value(std::mem::take(*argument))).collect();
    let process = create(state, index, given).map(|value| state.dynamic(value));
    Some(process.map_err(|fault| state.raise(fault).into()))
}

/// A process of a template; the arguments that are not given are the defaults.
fn create(state: &State, template: usize, given: Vec<Value>) -> Result<Value, Fault> {
    let missing = state.unit.templates[template].parameters.len().saturating_sub(given.len());
    let arguments = given.into_iter().map(Some).chain(std::iter::repeat_n(None, missing)).collect();
    state.surroundings().create(template, arguments)
}

/// The template that a call means whose first argument is an object without a member of this name.
fn hidden_template(state: &State, group: &Group, arity: usize) -> Option<usize> {
    template_for(state, group.first()?.name, arity)
}

fn template_for(state: &State, name: &str, arity: usize) -> Option<usize> {
    let is_meant =
        |template: &Template| paths::inner(&template.name) == name && arity <= template.parameters.len();
    state.unit.templates.iter().position(is_meant)
}

/// Functions of imported files have another name in Rhai than in the script.
fn install_names_of_functions(module: &mut Module) {
    let shown = |arg: &Dynamic| {
        let name = arg.read_lock::<FnPtr>().map(|pointer| pointer.fn_name().to_owned());
        paths::outer(&name.unwrap_or_default()).into_owned()
    };
    let function = [TypeId::of::<FnPtr>()];
    for name in ["to_string", "to_debug", "debug"] {
        add(module, name, &function, move |_, args| Ok(format!("Fn({})", shown(args[0])).into()));
    }
    for name in ["name", "get$name"] {
        add(module, name, &function, move |_, args| Ok(shown(args[0]).into()));
    }
}

/// How objects print, and when they are equal.
fn install_object_basics(module: &mut Module) {
    let object = TypeId::of::<Object>();
    for name in ["to_string", "to_debug"] {
        add(module, name, &[object], |_, args| {
            let object = std::mem::take(args[0]).try_cast::<Object>();
            Ok(object.map_or(Dynamic::UNIT, |object| Value::Object(object).to_string().into()))
        });
    }
    for (name, wanted) in [("==", true), ("!=", false)] {
        add(module, name, &[object, object], move |_, args| {
            let object = |arg: &mut Dynamic| std::mem::take(arg).try_cast::<Object>();
            let (left, right) = (object(args[0]), object(args[1]));
            let equal = left.zip(right).is_some_and(|(left, right)| same(&left, &right));
            Ok((equal == wanted).into())
        });
    }
}

/// Two handles of one process are equal, two ends of one queue, and two of one shared object.
pub(in crate::script) fn same(left: &Object, right: &Object) -> bool {
    let process = |object: &Object| object.downcast::<ProcessObject>().map(|process| process.0.clone());
    let queue = |object: &Object| object.downcast::<QueueObject>().map(|queue| queue.0.id());
    let shared = |object: &Object| object.downcast::<SharedObject>().map(|shared| shared.id);
    if let (Some(left), Some(right)) = (process(left), process(right)) {
        return left.same(&*right as &dyn ProcessHandle);
    }
    let equal = |ids: Option<(u32, u32)>| ids.is_some_and(|(left, right)| left == right);
    left.same(right) || equal(queue(left).zip(queue(right))) || equal(shared(left).zip(shared(right)))
}

//! Closures of Rust as functions of scripts: arguments and results by their types.

use crate::script::Fault;
use crate::script::registry::HostCode;
use crate::value::serde::{from_value, to_value};
use crate::value::{Object, ObjectKind, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// A closure or function that can be given to scripts by [`Host::function`](crate::Host::function). `M` tells the numbers
/// of parameters apart and is always found by the compiler.
pub trait HostFunction<M>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_code(self) -> Code;
}

#[doc(hidden)]
pub struct Code {
    pub(crate) arity: usize,
    pub(crate) code: HostCode,
}

/// Anything that serde reads and writes, as an argument or a result of a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<T>(pub T);

/// A type of the host that scripts can hold and give back to its functions, and not look into. It stays in its process.
pub trait Opaque: 'static {
    /// What it is, with its article, as messages call it: `"a connection"`.
    const NAME: &'static str;
}

/// What a host function returns to give a script something [`Opaque`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<T>(pub T);

/// A parameter of a host function.
pub trait Argument {
    #[doc(hidden)]
    type Of<'a>;
    #[doc(hidden)]
    fn read(value: &Value) -> Result<Self::Of<'_>, String>;
}

/// What a host function returns.
pub trait Reply {
    #[doc(hidden)]
    fn write(self) -> Result<Value, Fault>;
}

fn data<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    from_value(value).map_err(|mismatch| mismatch.to_string())
}

fn written<T: Serialize>(it: &T) -> Result<Value, Fault> {
    to_value(it).map_err(|mismatch| Fault::error("Type", mismatch.to_string()))
}

macro_rules! plain {
    ($($of:ty),*) => {$(
        impl Argument for $of {
            type Of<'a> = $of;
            fn read(value: &Value) -> Result<$of, String> {
                data(value)
            }
        }
        impl Reply for $of {
            fn write(self) -> Result<Value, Fault> {
                written(&self)
            }
        }
    )*};
}

plain!(i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, f32, f64, bool, char, String);

impl Argument for &str {
    type Of<'a> = &'a str;
    fn read(value: &Value) -> Result<&str, String> {
        value.as_str().ok_or_else(|| format!("a string is needed, not {}", value.type_name()))
    }
}

impl<T: DeserializeOwned> Argument for Vec<T> {
    type Of<'a> = Vec<T>;
    fn read(value: &Value) -> Result<Vec<T>, String> {
        data(value)
    }
}

impl<T: DeserializeOwned> Argument for Option<T> {
    type Of<'a> = Option<T>;
    fn read(value: &Value) -> Result<Option<T>, String> {
        data(value)
    }
}

impl<T: DeserializeOwned> Argument for Data<T> {
    type Of<'a> = Data<T>;
    fn read(value: &Value) -> Result<Data<T>, String> {
        data(value).map(Data)
    }
}

impl<T: Opaque> Argument for &T {
    type Of<'a> = &'a T;
    fn read(value: &Value) -> Result<&T, String> {
        let object = if let Value::Object(object) = value { object.downcast::<Kept<T>>() } else { None };
        object.map(|kept| &kept.0).ok_or_else(|| format!("{} is needed, not {}", T::NAME, value.type_name()))
    }
}

impl Reply for () {
    fn write(self) -> Result<Value, Fault> {
        Ok(Value::Unit)
    }
}

impl Reply for &'static str {
    fn write(self) -> Result<Value, Fault> {
        Ok(Value::string(self))
    }
}

impl<T: Serialize> Reply for Vec<T> {
    fn write(self) -> Result<Value, Fault> {
        written(&self)
    }
}

impl<T: Reply> Reply for Option<T> {
    fn write(self) -> Result<Value, Fault> {
        self.map_or(Ok(Value::Unit), Reply::write)
    }
}

impl<T: Serialize> Reply for Data<T> {
    fn write(self) -> Result<Value, Fault> {
        written(&self.0)
    }
}

impl<T: Opaque> Reply for Held<T> {
    fn write(self) -> Result<Value, Fault> {
        Ok(Value::Object(Object::new(Kept(self.0))))
    }
}

impl<T: Reply, E: Display> Reply for Result<T, E> {
    fn write(self) -> Result<Value, Fault> {
        match self {
            Ok(it) => it.write(),
            Err(error) => Err(Fault::error("Host", error.to_string())),
        }
    }
}

/// Something opaque in the hands of a script.
struct Kept<T>(T);

impl<T: Opaque> ObjectKind for Kept<T> {
    fn kind(&self) -> &'static str {
        T::NAME
    }
    fn instead(&self) -> Option<&'static str> {
        Some("it stays in the process that made it")
    }
}

/// An argument by its place, or the error that names it.
fn argument<A: Argument>(values: &[Value], index: usize) -> Result<A::Of<'_>, Fault> {
    let value = values.get(index).unwrap_or(&Value::Unit);
    A::read(value).map_err(|what| Fault::error("Argument", format!("argument {}: {what}", index + 1)))
}

macro_rules! arities {
    ($($arity:literal: $($name:ident $index:literal)*;)*) => {$(
        impl<F, R, $($name),*> HostFunction<fn($($name),*) -> R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
            F: for<'a> Fn($(<$name as Argument>::Of<'a>),*) -> R,
            R: Reply,
            $($name: Argument,)*
        {
            fn into_code(self) -> Code {
                let code = move |values: &[Value]| {
                    let _ = values;
                    call(|| self($(argument::<$name>(values, $index)?),*).write())
                };
                Code { arity: $arity, code: Box::leak(Box::new(code)) }
            }
        }
    )*};
}

arities! {
    0: ;
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 G 5;
}

/// A panic of the host's code is an error of the script that called it.
fn call(run: impl FnOnce() -> Result<Value, Fault>) -> Result<Value, Fault> {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Fault::error("Panic", format!("a function of the host panicked: {text}")))
    })
}

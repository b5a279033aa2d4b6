//! Where a process runs and what it may use: its folder, its environment, its limits. Plain data that travels from
//! the graph to the process.

use super::confinement::Confinement;
use crate::value::Value;

/// What was said of it; what was not said stays as it is for the interpreter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    pub folder: Option<String>,
    /// By name; none removes a variable.
    pub variables: Vec<(String, Option<String>)>,
    pub nice: Option<i32>,
    pub memory_bytes: Option<u64>,
    pub cpu_ms: Option<u64>,
    /// What the host allows an engine to do.
    pub operations: Option<u64>,
    /// What it writes to its standard output by itself goes nowhere: that is the host's.
    pub quiet: bool,
    /// What it may reach; nothing said, all that the interpreter may.
    pub confinement: Option<Confinement>,
    /// What it may reach at most, says the host.
    pub bounds: Option<Confinement>,
    /// What the process itself evaluates, since it uses its parameters: the body of the unit for each.
    pub open: Vec<(Given, u32)>,
}

/// What the expression of a clause gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Nice,
    Folder,
    Variable(String),
}

/// The variables of the environment that are the runtime's own begin so.
const RESERVED: &str = "PROCESSION_";

impl Circumstances {
    /// Sets what an expression gave.
    ///
    /// # Errors
    /// What is wrong with the value, as a fragment.
    pub fn set(&mut self, given: &Given, value: &Value) -> Result<(), String> {
        match given {
            Given::Nice => self.nice = Some(nice(value)?),
            Given::Folder => self.folder = Some(folder(value)?),
            Given::Variable(name) => {
                let variable = (name.clone(), variable(name, value)?);
                self.variables.retain(|(known, _)| known != name);
                self.variables.push(variable);
            }
        }
        Ok(())
    }

    /// These, and of `under` what they leave unsaid; nothing is open in either.
    #[must_use]
    pub fn over(self, under: Circumstances) -> Circumstances {
        let said = |name: &String| self.variables.iter().any(|(own, _)| own == name);
        let others = under.variables.into_iter().filter(|(name, _)| !said(name)).collect::<Vec<_>>();
        Circumstances {
            folder: self.folder.or(under.folder),
            variables: others.into_iter().chain(self.variables).collect(),
            nice: self.nice.or(under.nice),
            memory_bytes: self.memory_bytes.or(under.memory_bytes),
            cpu_ms: self.cpu_ms.or(under.cpu_ms),
            operations: self.operations.or(under.operations),
            quiet: self.quiet || under.quiet,
            confinement: self.confinement.or(under.confinement),
            bounds: self.bounds.or(under.bounds),
            open: Vec::new(),
        }
    }

    /// All that confines it, each with what an exec process may run besides: the host allows that or not.
    #[must_use]
    pub fn confinements<'a>(&'a self, program: Option<&'a str>) -> Vec<(&'a Confinement, Option<&'a str>)> {
        let bounds = self.bounds.iter().map(|bounds| (bounds, None));
        bounds.chain(self.confinement.iter().map(|own| (own, program))).collect()
    }

    /// As a value, to be sent.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let text = |text: &Option<String>| text.as_ref().map_or(Value::Unit, Value::string);
        let number = |number: Option<u64>| number.and_then(|it| i64::try_from(it).ok());
        let int = |int: Option<i64>| int.map_or(Value::Unit, Value::Int);
        let variables = self.variables.iter().flat_map(|(name, value)| [Value::string(name), text(value)]);
        let confined = |it: &Option<Confinement>| it.as_ref().map_or(Value::Unit, Confinement::to_value);
        let open = self.open.iter().map(|(given, body)| match given {
            Given::Nice => Value::array(vec![Value::Int((*body).into()), Value::Bool(true)]),
            Given::Folder => Value::array(vec![Value::Int((*body).into()), Value::Bool(false)]),
            Given::Variable(name) => Value::array(vec![Value::Int((*body).into()), Value::string(name)]),
        });
        Value::array(vec![
            text(&self.folder),
            Value::array(variables.collect()),
            int(self.nice.map(i64::from)),
            int(number(self.memory_bytes)),
            int(number(self.cpu_ms)),
            int(number(self.operations)),
            Value::Bool(self.quiet),
            confined(&self.confinement),
            confined(&self.bounds),
            Value::array(open.collect()),
        ])
    }

    /// Those of a value made by [`Circumstances::to_value`]; `None` when it is none.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Circumstances> {
        let [folder, variables, nice, memory, cpu, operations, quiet, confinement, bounds, open] =
            value.as_array()?
        else {
            return None;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let number = |value: &Value| value.as_int().and_then(|int| u64::try_from(int).ok());
        let confined = |value: &Value| match value {
            Value::Unit => Some(None),
            said => Confinement::from_value(said).map(Some),
        };
        let variables = variables.as_array()?.chunks(2).map(|pair| match pair {
            [name, value] => Some((text(name)?, text(value))),
            _ => None,
        });
        Some(Circumstances {
            folder: text(folder),
            variables: variables.collect::<Option<_>>()?,
            nice: nice.as_int().and_then(|int| i32::try_from(int).ok()),
            memory_bytes: number(memory),
            cpu_ms: number(cpu),
            operations: number(operations),
            quiet: matches!(quiet, Value::Bool(true)),
            confinement: confined(confinement)?,
            bounds: confined(bounds)?,
            open: open.as_array()?.iter().map(open_of).collect::<Option<_>>()?,
        })
    }
}

fn open_of(value: &Value) -> Option<(Given, u32)> {
    let [body, given] = value.as_array()? else { return None };
    let given = match given {
        Value::Bool(true) => Given::Nice,
        Value::Bool(false) => Given::Folder,
        name => Given::Variable(name.as_str()?.to_owned()),
    };
    Some((given, u32::try_from(body.as_int()?).ok()?))
}

fn nice(value: &Value) -> Result<i32, String> {
    let int = value.as_int().ok_or_else(|| format!("`nice` takes an int, not {}", value.type_name()))?;
    let nice = i32::try_from(int).ok().filter(|_| is_nice(int));
    nice.ok_or_else(|| format!("`nice` takes an int from -20 to 19, not {int}"))
}

fn folder(value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some("") => Err("`cwd` takes the path of a folder, not an empty string".to_owned()),
        Some(path) => no_nul(path, "`cwd`"),
        None => Err(format!("`cwd` takes the path of a folder, not {}", value.type_name())),
    }
}

/// Whether a variable of the environment can have this name.
///
/// # Errors
/// Why not, as a fragment.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!("`{}` cannot be the name of a variable", name.replace('\0', "\\0")));
    }
    if name.starts_with(RESERVED) {
        return Err(format!("variables whose names begin with `{RESERVED}` are the runtime's own"));
    }
    Ok(())
}

/// `nice N`: what the system takes.
#[must_use]
pub fn is_nice(nice: i64) -> bool {
    (-20..=19).contains(&nice)
}

/// Numbers and bools are written out.
fn variable(name: &str, value: &Value) -> Result<Option<String>, String> {
    check_name(name)?;
    match value {
        Value::Unit => Ok(None),
        Value::String(_) | Value::Char(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            no_nul(&value.to_string(), &format!("the variable `{name}`")).map(Some)
        }
        other => Err(format!("the variable `{name}` takes a string, not {}", other.type_name())),
    }
}

fn no_nul(text: &str, what: &str) -> Result<String, String> {
    if text.contains('\0') { Err(format!("{what} cannot hold a NUL character")) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(given: Given, value: Value) -> Result<Circumstances, String> {
        let mut circumstances = Circumstances::default();
        circumstances.set(&given, &value).map(|()| circumstances)
    }

    #[test]
    fn they_survive_their_journey() {
        let circumstances = Circumstances {
            folder: Some("/tmp".into()),
            variables: vec![("A".into(), Some("x".into())), ("B".into(), None)],
            nice: Some(-3),
            memory_bytes: Some(1 << 40),
            cpu_ms: Some(1500),
            operations: Some(1 << 20),
            quiet: true,
            confinement: Some(Confinement { runs: vec!["sort".into()], ..Confinement::default() }),
            bounds: Some(Confinement { reads: vec!["/".into()], ..Confinement::default() }),
            open: vec![(Given::Nice, 1), (Given::Folder, 2), (Given::Variable("C".into()), 3)],
        };
        for it in [circumstances, Circumstances::default()] {
            assert_eq!(Circumstances::from_value(&it.to_value()), Some(it));
        }
    }

    #[test]
    fn what_is_said_later_holds() {
        let variable = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let under = Circumstances {
            nice: Some(1),
            cpu_ms: Some(2),
            variables: vec![variable("A", "under"), variable("B", "under")],
            ..Circumstances::default()
        };
        let over = Circumstances {
            nice: Some(5),
            variables: vec![variable("B", "over"), ("C".to_owned(), None)],
            ..Circumstances::default()
        };
        let both = over.over(under);
        assert_eq!((both.nice, both.cpu_ms), (Some(5), Some(2)));
        let expected = [variable("A", "under"), variable("B", "over"), ("C".to_owned(), None)];
        assert_eq!(both.variables, expected);
    }

    #[test]
    fn values_are_looked_at() {
        let variable = |name: &str| Given::Variable(name.to_owned());
        assert_eq!(with(Given::Nice, Value::Int(-20)).map(|it| it.nice), Ok(Some(-20)));
        let written = with(variable("N"), Value::Int(3)).map(|it| it.variables);
        assert_eq!(written, Ok(vec![("N".to_owned(), Some("3".to_owned()))]));
        for (given, value) in [
            (Given::Nice, Value::Int(20)),
            (Given::Nice, Value::string("5")),
            (Given::Folder, Value::string("")),
            (Given::Folder, Value::Int(1)),
            (Given::Folder, Value::string("a\0b")),
            (variable("A"), Value::array(Vec::new())),
            (variable("A=B"), Value::string("x")),
            (variable("PROCESSION_RUN"), Value::string("x")),
        ] {
            assert!(with(given.clone(), value).is_err(), "{given:?}");
        }
    }
}

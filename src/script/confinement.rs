//! `allow`: what a confined process may reach outside of itself. Plain data that travels from the graph to the process.

use crate::value::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// It holds for a process as a whole, and for ever.
static HOLDS: AtomicBool = AtomicBool::new(false);

/// From now on this process is confined.
pub fn has_begun() {
    HOLDS.store(true, Ordering::Relaxed);
}

/// Whether this process is confined.
pub fn holds() -> bool {
    HOLDS.load(Ordering::Relaxed)
}

/// Nothing at all, unless it is named here. Paths are relative to the folder that the process runs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    pub reads: Vec<String>,
    pub writes: Vec<String>,
    /// Programs by name or path, or folders of programs.
    pub runs: Vec<String>,
    /// TCP ports, of any host.
    pub ports: Vec<u16>,
}

impl Confinement {
    /// As a value, to be sent.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let texts = |texts: &[String]| Value::array(texts.iter().map(Value::string).collect());
        let ports = self.ports.iter().map(|port| Value::Int((*port).into()));
        let ports = Value::array(ports.collect());
        Value::array(vec![texts(&self.reads), texts(&self.writes), texts(&self.runs), ports])
    }

    /// That of a value made by [`Confinement::to_value`]; `None` when it is none.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Confinement> {
        let [reads, writes, runs, ports] = value.as_array()? else { return None };
        let texts = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        };
        let ports = ports.as_array()?.iter().map(|port| u16::try_from(port.as_int()?).ok());
        Some(Confinement {
            reads: texts(reads)?,
            writes: texts(writes)?,
            runs: texts(runs)?,
            ports: ports.collect::<Option<_>>()?,
        })
    }

    /// As it is written in a script: `allow read "data", net "*:443"`.
    #[must_use]
    pub fn words(&self) -> String {
        let quoted = |what: &str, texts: &[String]| -> Vec<String> {
            texts.iter().map(|text| format!("{what} {text:?}")).collect()
        };
        let mut parts = quoted("read", &self.reads);
        parts.extend(quoted("write", &self.writes));
        parts.extend(quoted("run", &self.runs));
        parts.extend(self.ports.iter().map(|port| format!("net \"*:{port}\"")));
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        format!("allow {parts}")
    }
}

/// The port of `*:PORT`.
///
/// # Errors
/// Why it cannot be allowed, as a fragment.
pub fn port_of(address: &str) -> Result<u16, String> {
    let Some((host, port)) = address.rsplit_once(':') else {
        return Err(format!("`{address}` has no port"));
    };
    let Some(port) = port.parse::<u16>().ok().filter(|port| *port > 0) else {
        return Err(format!("`{port}` is no port"));
    };
    if host == "*" {
        Ok(port)
    } else {
        Err(format!("the kernel cannot confine a process to the host `{host}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_its_journey() {
        let confinement = Confinement {
            reads: vec!["a".into(), "/b c".into()],
            writes: vec!["out".into()],
            runs: vec!["sort".into()],
            ports: vec![443, 1],
        };
        for it in [confinement, Confinement::default()] {
            assert_eq!(Confinement::from_value(&it.to_value()), Some(it));
        }
    }

    #[test]
    fn ports_are_looked_at() {
        assert_eq!(port_of("*:443"), Ok(443));
        for address in ["443", "*:", "*:0", "*:65536", "*:http", "example.org:443", ""] {
            assert!(port_of(address).is_err(), "{address}");
        }
    }

    #[test]
    fn it_is_written_as_in_a_script() {
        let confinement = Confinement { reads: vec!["a".into()], ports: vec![80], ..Confinement::default() };
        assert_eq!(confinement.words(), "allow read \"a\", net \"*:80\"");
        assert_eq!(Confinement::default().words(), "allow nothing");
    }
}

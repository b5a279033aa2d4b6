//! Digests of data and files.

use super::arguments::{Arguments, type_error};
use super::definition::{Outcome, function};
use super::system::failed;
use crate::script::fault::Fault;
use crate::script::registry::{Context, Native};
use crate::value::Value;
use sha2::Digest;
use std::fs::File;
use std::io::{self, Read};

const PART_BYTES: usize = 16 * 1024;

pub(super) const NATIVES: &[Native] = &[
    function(
        "sha256",
        &["data"],
        "The SHA-256 digest of a string or blob, in hexadecimal.",
        "sha256(\"abc\").sub_string(0, 8)  // \"ba7816bf\"",
        sha256,
    ),
    function(
        "sha256_file",
        &["path"],
        "The SHA-256 digest of a file as it is on the disk, in hexadecimal.",
        "sha256_file(\"notes.txt\").sub_string(0, 8)  // \"6481b98d\"",
        sha256_file,
    ),
    function(
        "blake3",
        &["data"],
        "The BLAKE3 digest of a string or blob, in hexadecimal.",
        "blake3(\"abc\").sub_string(0, 8)  // \"6437b3ac\"",
        blake3,
    ),
    function(
        "blake3_file",
        &["path"],
        "The BLAKE3 digest of a file as it is on the disk, in hexadecimal.",
        "blake3_file(\"notes.txt\").sub_string(0, 8)  // \"fe103c6e\"",
        blake3_file,
    ),
];

/// The bytes of the first argument.
fn data<'v>(function: &'static str, values: &'v [Value]) -> Result<&'v [u8], Fault> {
    match values.first() {
        Some(Value::String(text)) => Ok(text.as_bytes()),
        Some(Value::Blob(bytes)) => Ok(bytes),
        other => Err(type_error(function, "data", "a string or a blob", other.unwrap_or(&Value::Unit))),
    }
}

/// Hands a file on in parts.
fn parts(context: &Context<'_>, path: &str, mut take: impl FnMut(&[u8])) -> Result<(), Fault> {
    let refused = |error: io::Error| failed(path, &error);
    let mut file = File::open(path).map_err(refused)?;
    let mut part = [0; PART_BYTES];
    loop {
        // A large file takes its time.
        context.surroundings.poll()?;
        match file.read(&mut part).map_err(refused)? {
            0 => return Ok(()),
            count => take(&part[..count]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> Value {
    Value::string(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn sha256(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(hexadecimal(&sha2::Sha256::digest(data("sha256", values)?)))
}

fn blake3(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Ok(hexadecimal(blake3::hash(data("blake3", values)?).as_bytes()))
}

fn sha256_file(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut hasher = sha2::Sha256::new();
    parts(context, Arguments::new("sha256_file", values).string(0, "path")?, |part| hasher.update(part))?;
    Ok(hexadecimal(&hasher.finalize()))
}

fn blake3_file(context: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let mut hasher = blake3::Hasher::new();
    let path = Arguments::new("blake3_file", values);
    parts(context, path.string(0, "path")?, |part| {
        hasher.update(part);
    })?;
    Ok(hexadecimal(hasher.finalize().as_bytes()))
}

//! Files as they are read: what gzip or zstd has packed is unpacked on the way, told by its first bytes.

use super::system::{failed, plain_reason};
use crate::script::fault::Fault;
use crate::value::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

const BUFFER_BYTES: usize = 64 * 1024;
/// What holds more, a device without end or a packed file of nothing but zeros, is read in parts or not at all.
const WHOLE_BYTES_MAX: u64 = 4 << 30;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A file that is being read.
pub(super) struct Source {
    reader: Box<dyn BufRead>,
    place: Place,
}

/// Where an error was found: the file, and how it is packed.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: String,
    packing: Option<&'static str>,
}

impl Source {
    pub(super) fn open(path: &str) -> Result<Source, Fault> {
        let plain = Place { path: path.to_owned(), packing: None };
        let (reader, packing) = opened(path).map_err(|error| plain.failed(&error))?;
        Ok(Source { reader, place: Place { packing, ..plain } })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// All bytes.
    pub(super) fn rest(self) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let read = self.reader.take(WHOLE_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|error| self.place.failed(&error))?;
        if bytes.len() as u64 == WHOLE_BYTES_MAX {
            let what = format!("it holds {} GiB or more, too much to be read at once", WHOLE_BYTES_MAX >> 30);
            return Err(self.place.wrong(&what));
        }
        Ok(bytes)
    }

    /// Bytes up to the next `\n`, that included; none at the end. At most `most`.
    pub(super) fn line(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        let read = (&mut self.reader).take(most as u64).read_until(b'\n', &mut line);
        read.map_err(|error| self.place.failed(&error))?;
        Ok(line)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl Place {
    /// An error while reading: of the system, or of what the file holds.
    pub(super) fn failed(&self, error: &io::Error) -> Fault {
        let what = match (self.packing, error.raw_os_error(), error.kind()) {
            (None, ..) | (_, Some(_), _) => return failed(&self.path, error),
            (Some(packing), _, io::ErrorKind::UnexpectedEof) => format!("its {packing} data ends too early"),
            (Some(packing), ..) => {
                format!("its {packing} data is corrupt: {}", plain_reason(&error.to_string()))
            }
        };
        self.wrong(&what)
    }

    /// An error about what the file holds.
    pub(super) fn wrong(&self, what: &str) -> Fault {
        Fault::error("Io", format!("`{}`: {what}", self.path)).with("path", Value::string(&*self.path))
    }

    pub(super) fn no_text(&self, line: u64) -> Fault {
        self.wrong(&format!("line {line} is not UTF-8")).with("line", Value::Int(line as i64))
    }
}

type Opened = (Box<dyn BufRead>, Option<&'static str>);

fn opened(path: &str) -> io::Result<Opened> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(ZSTD.len());
    (&mut file).take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let (gzip, zstd) = (head.starts_with(&GZIP), head.starts_with(&ZSTD));
    let whole = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(head).chain(file));
    Ok(if gzip {
        (buffered(flate2::bufread::MultiGzDecoder::new(whole)), Some("gzip"))
    } else if zstd {
        (buffered(zstd::Decoder::with_buffer(whole)?), Some("zstd"))
    } else {
        (Box::new(whole), None)
    })
}

fn buffered(reader: impl Read + 'static) -> Box<dyn BufRead> {
    Box::new(BufReader::with_capacity(BUFFER_BYTES, reader))
}

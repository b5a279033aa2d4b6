//! Messages on a stream of bytes: a magic byte, the protocol's version, a length (u32, little-endian), the payload.

use super::codec::DecodeError;

const MAGIC: u8 = 0xB7;
/// Changes with every change of the protocol: both sides are the same program, but not always the same build.
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 6;

/// Longer payloads are refused; what is longer travels as shared memory.
pub const PAYLOAD_BYTES_MAX: usize = 16 << 20;

/// Appends a frame.
pub fn write(payload: &[u8], out: &mut Vec<u8>) {
    debug_assert!(payload.len() <= PAYLOAD_BYTES_MAX);
    out.extend_from_slice(&[MAGIC, VERSION]);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(payload);
}

/// Cuts a stream of bytes into payloads.
#[derive(Debug)]
pub struct Decoder {
    bytes: Vec<u8>,
    start: usize,
    payload_max: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder::new()
    }
}

impl Decoder {
    #[must_use]
    pub fn new() -> Self {
        Decoder::up_to(PAYLOAD_BYTES_MAX)
    }

    /// One that refuses payloads which are longer than this.
    #[must_use]
    pub fn up_to(payload_max: usize) -> Self {
        Decoder { bytes: Vec::new(), start: 0, payload_max }
    }

    /// Adds bytes that were read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        } else if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole payload; `None`: more bytes are needed.
    ///
    /// # Errors
    /// When the bytes are no frame; nothing after that can be understood.
    pub fn next_payload(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        let rest = &self.bytes[self.start..];
        let Some((header, rest)) = rest.split_at_checked(HEADER_BYTES) else { return Ok(None) };
        if header[0] != MAGIC {
            return Err(DecodeError::new("a frame does not begin as one"));
        }
        if header[1] != VERSION {
            return Err(DecodeError::new("the other side speaks another version of the protocol"));
        }
        let len = u32::from_le_bytes([header[2], header[3], header[4], header[5]]) as usize;
        if len > self.payload_max {
            return Err(DecodeError::new("a frame is too long"));
        }
        if rest.len() < len {
            return Ok(None);
        }
        let payload = self.start + HEADER_BYTES..self.start + HEADER_BYTES + len;
        self.start = payload.end;
        Ok(Some(&self.bytes[payload]))
    }
}

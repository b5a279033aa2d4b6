//! A control socket with whole messages: frames in and out, and the descriptors that travel with them.

use super::os::poll::Interest;
use super::os::socket::{self, Read};
use crate::wire::codec::{Decode, DecodeError, Encode};
use crate::wire::frame;
use crate::wire::message::Parcel;
use rustix::fd::OwnedFd;
use std::collections::VecDeque;
use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// A value on its way: its bytes, or a shared file that holds them. Copies share the bytes.
#[derive(Clone, Debug)]
pub enum Item {
    Inline(Rc<Vec<u8>>),
    Shared { file: Rc<OwnedFd>, len: u64 },
}

impl Item {
    /// The length of its encoding.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Item::Inline(bytes) => bytes.len() as u64,
            Item::Shared { len, .. } => *len,
        }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Item::Inline(bytes) => bytes.len(),
            Item::Shared { len, .. } => usize::try_from(*len).unwrap_or(usize::MAX),
        }
    }

    /// As it goes into a message; a shared file's descriptor is added to those that travel along.
    pub fn into_parcel(self, descriptors: &mut Vec<OwnedFd>) -> io::Result<Parcel> {
        Ok(match self {
            Item::Inline(bytes) => {
                let bytes = Rc::try_unwrap(bytes).unwrap_or_else(|shared| shared.to_vec());
                Parcel::Inline { bytes }
            }
            Item::Shared { file, len } => {
                descriptors.push(match Rc::try_unwrap(file) {
                    Ok(file) => file,
                    Err(shared) => shared.try_clone()?,
                });
                Parcel::Shared { len }
            }
        })
    }
}

/// An honest worker has one question open, and the longest answer is shorter.
const UNSENT_BYTES_MAX: usize = 32 << 20;

/// Bytes to be sent, and the descriptors that go with their first ones.
struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    descriptors: Vec<OwnedFd>,
}

impl Outgoing {
    /// Sends what the socket takes; false when that is nothing. Of more descriptors than one send takes along, the
    /// first ones go with a byte each time: a message has more bytes than descriptors.
    fn send(&mut self, stream: &UnixStream) -> io::Result<bool> {
        let along = self.descriptors.len().min(socket::DESCRIPTORS_MAX);
        let until = if along < self.descriptors.len() { self.sent + 1 } else { self.bytes.len() };
        let sent = socket::send(stream, &self.bytes[self.sent..until], &self.descriptors[..along])?;
        if sent == 0 {
            return Ok(false);
        }
        self.sent += sent;
        self.descriptors.drain(..along);
        Ok(true)
    }
}

/// What a connection reads into.
#[must_use]
pub fn new_buffer() -> Box<[u8]> {
    vec![0; 64 * 1024].into_boxed_slice()
}

/// One side of a control socket.
pub struct Connection {
    stream: UnixStream,
    decoder: frame::Decoder,
    received: VecDeque<OwnedFd>,
    outgoing: VecDeque<Outgoing>,
    buffer: Box<[u8]>,
    /// What the owner's loop watches it for.
    pub interest: Interest,
}

impl Connection {
    #[must_use]
    pub fn new(stream: UnixStream) -> Self {
        Connection::with_buffer(stream, new_buffer())
    }

    /// One whose buffer was made before.
    #[must_use]
    pub fn with_buffer(stream: UnixStream, buffer: Box<[u8]>) -> Self {
        Connection {
            stream,
            decoder: frame::Decoder::new(),
            received: VecDeque::new(),
            outgoing: VecDeque::new(),
            buffer,
            interest: Interest::Read,
        }
    }

    /// One of many that take and give what is possible at once: it reads by way of a buffer of theirs.
    pub fn without_waiting(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Connection::with_buffer(stream, Box::default()))
    }

    #[must_use]
    pub fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// Queues a message; [`Connection::flush`] sends it.
    pub fn queue(&mut self, message: &impl Encode, descriptors: Vec<OwnedFd>) {
        let payload = crate::wire::codec::to_bytes(message);
        if let Some(last) = self.outgoing.back_mut()
            && descriptors.is_empty()
        {
            frame::write(&payload, &mut last.bytes);
            return;
        }
        let mut bytes = Vec::with_capacity(payload.len() + 16);
        frame::write(&payload, &mut bytes);
        self.outgoing.push_back(Outgoing { bytes, sent: 0, descriptors });
    }

    /// Sends what the socket takes; true when nothing is left.
    pub fn flush(&mut self) -> io::Result<bool> {
        while let Some(next) = self.outgoing.front_mut() {
            if !next.send(&self.stream)? {
                return Ok(false);
            }
            if next.sent == next.bytes.len() {
                self.outgoing.pop_front();
            }
        }
        Ok(true)
    }

    #[must_use]
    pub fn has_unsent(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Whether the other side asks without reading the answers: it is not heard until it does.
    #[must_use]
    pub fn is_clogged(&self) -> bool {
        let unsent = self.outgoing.iter().map(|outgoing| outgoing.bytes.len() - outgoing.sent);
        unsent.sum::<usize>() > UNSENT_BYTES_MAX
    }

    /// Reads once.
    pub fn read(&mut self) -> io::Result<Read> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.read_by(&mut buffer);
        self.buffer = buffer;
        read
    }

    /// The same by way of this buffer.
    pub fn read_by(&mut self, buffer: &mut [u8]) -> io::Result<Read> {
        let read = socket::receive(&self.stream, buffer, &mut self.received)?;
        if let Read::Bytes(count) = read {
            self.decoder.push(&buffer[..count]);
        }
        Ok(read)
    }

    /// The next whole message among the bytes read.
    pub fn next<M: Decode<()>>(&mut self) -> Result<Option<M>, DecodeError> {
        match self.decoder.next_payload()? {
            Some(payload) => crate::wire::codec::from_bytes(payload).map(Some),
            None => Ok(None),
        }
    }

    /// The next descriptor that came with the messages read.
    pub fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.received.pop_front()
    }

    /// The bytes or the file of a parcel of the message read last; parcels must be taken in their order.
    pub fn open(&mut self, parcel: Parcel) -> Result<Item, DecodeError> {
        match parcel {
            Parcel::Inline { bytes } => Ok(Item::Inline(Rc::new(bytes))),
            Parcel::Shared { len } => match self.received.pop_front() {
                Some(file) => Ok(Item::Shared { file: Rc::new(file), len }),
                None => Err(DecodeError::new("a shared item came without its descriptor")),
            },
        }
    }
}

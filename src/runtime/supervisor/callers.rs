//! Whoever asks from outside how the run is going: each caller puts one question and gets one answer.
//!
//! Nobody is waited for. What a caller may send is short, what it does not read stays in its buffer, and it is
//! dropped when it breaks the protocol, when its time is over, or when too many others have come after it.

use super::timers::Due;
use super::{KEY_CALLERS, Supervisor, key};
use crate::runtime::os::poll::Interest;
use crate::runtime::os::socket;
use crate::runtime::watch::Listener;
use crate::wire::frame::{self, Decoder};
use crate::wire::watch::{Answer, QUESTION_BYTES_MAX, Question, VERSION};
use crate::wire::{codec, codec::DecodeError};
use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// The oldest caller is dropped for one more.
const CALLERS_MAX: usize = 8;
/// A caller is dropped after this time.
const CALLER_TIME: Duration = Duration::from_secs(5);
/// When the system has no descriptor for a caller, it is looked again after this time.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// The listening socket's place among the callers' numbers.
const LISTENER: u32 = 0;

/// The socket on which the run listens, and those who have called.
#[derive(Default)]
pub struct Callers {
    listener: Option<Listener>,
    /// The oldest first.
    all: VecDeque<Caller>,
    last: u32,
}

struct Caller {
    number: u32,
    stream: UnixStream,
    question: Decoder,
    answer: Vec<u8>,
    sent: usize,
}

impl Callers {
    #[must_use]
    pub fn new(listener: Option<Listener>) -> Self {
        Callers { listener, ..Callers::default() }
    }

    fn caller(&mut self, number: u32) -> Option<&mut Caller> {
        self.all.iter_mut().find(|caller| caller.number == number)
    }
}

impl Caller {
    /// Reads what is there; `None` until the question is whole. An error ends it, as its end does.
    fn hear(&mut self) -> io::Result<Option<Question>> {
        let mut buffer = [0; 2 * QUESTION_BYTES_MAX];
        // Descriptors that come along are closed by the system, as `read(2)` does not ask for them.
        match self.stream.read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.question.push(&buffer[..count]),
            Err(error) if is_for_later(&error) => {}
            Err(error) => return Err(error),
        }
        let understand = |payload: Option<&[u8]>| payload.map(codec::from_bytes::<Question>).transpose();
        let question: Result<_, DecodeError> = self.question.next_payload().and_then(understand);
        question.map_err(io::Error::other)
    }

    /// Sends what the socket takes; true when nothing is left.
    fn send(&mut self) -> io::Result<bool> {
        while self.sent < self.answer.len() {
            match socket::send(&self.stream, &self.answer[self.sent..], &[])? {
                0 => return Ok(false),
                count => self.sent += count,
            }
        }
        Ok(true)
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

impl Supervisor<'_> {
    /// Listens.
    pub(super) fn open_to_callers(&mut self) -> io::Result<()> {
        let Some(listener) = &self.callers.listener else { return Ok(()) };
        listener.socket.set_nonblocking(true)?;
        self.poll.add(&listener.socket, key(LISTENER, KEY_CALLERS), Interest::Read)
    }

    /// Somebody calls, or a caller has said something or has room for more.
    pub(super) fn called(&mut self, number: u32) -> io::Result<()> {
        if number == LISTENER { self.take_callers() } else { self.serve_caller(number) }
    }

    fn take_callers(&mut self) -> io::Result<()> {
        let Some(listener) = &self.callers.listener else { return Ok(()) };
        match listener.socket.accept() {
            Ok((stream, _)) => {
                // One that cannot be watched is not served; the run goes on.
                let _ = self.take_caller(stream);
                Ok(())
            }
            Err(error) if is_for_later(&error) || error.kind() == io::ErrorKind::ConnectionAborted => Ok(()),
            Err(_) => {
                // It stays ready: not to look at it for a while keeps the loop from turning in vain.
                self.poll.change(&listener.socket, key(LISTENER, KEY_CALLERS), Interest::Nothing)?;
                self.timers.set(Instant::now() + LISTEN_AGAIN, Due::Listen);
                Ok(())
            }
        }
    }

    pub(super) fn listen_again(&mut self) -> io::Result<()> {
        let Some(listener) = &self.callers.listener else { return Ok(()) };
        self.poll.change(&listener.socket, key(LISTENER, KEY_CALLERS), Interest::Read)
    }

    fn take_caller(&mut self, stream: UnixStream) -> io::Result<()> {
        if !socket::is_trusted(&stream) {
            return Ok(());
        }
        if self.callers.all.len() == CALLERS_MAX
            && let Some(oldest) = self.callers.all.front().map(|caller| caller.number)
        {
            self.drop_caller(oldest)?;
        }
        stream.set_nonblocking(true)?;
        self.callers.last = self.callers.last.wrapping_add(1).max(LISTENER + 1);
        let number = self.callers.last;
        self.poll.add(&stream, key(number, KEY_CALLERS), Interest::Read)?;
        let question = Decoder::up_to(QUESTION_BYTES_MAX);
        self.callers.all.push_back(Caller { number, stream, question, answer: Vec::new(), sent: 0 });
        self.timers.set(Instant::now() + CALLER_TIME, Due::Caller { number });
        Ok(())
    }

    fn serve_caller(&mut self, number: u32) -> io::Result<()> {
        let Some(caller) = self.callers.caller(number) else { return Ok(()) };
        if caller.answer.is_empty() {
            match caller.hear() {
                Ok(None) => return Ok(()),
                Ok(Some(question)) => self.answer_caller(number, &question)?,
                Err(_) => return self.drop_caller(number),
            }
        }
        let Some(caller) = self.callers.caller(number) else { return Ok(()) };
        match caller.send() {
            Ok(false) => Ok(()),
            Ok(true) | Err(_) => self.drop_caller(number),
        }
    }

    /// Makes the answer. From now on it is not read from.
    fn answer_caller(&mut self, number: u32, question: &Question) -> io::Result<()> {
        let answer = match question.version {
            VERSION => Answer::Run { run: self.picture() },
            _ => Answer::OtherVersion { version: VERSION },
        };
        let payload = codec::to_bytes(&answer);
        let Some(caller) = self.callers.caller(number) else { return Ok(()) };
        if payload.len() > frame::PAYLOAD_BYTES_MAX {
            return self.drop_caller(number);
        }
        frame::write(&payload, &mut caller.answer);
        self.poll.change(&caller.stream, key(number, KEY_CALLERS), Interest::Write)
    }

    /// Ends a caller, if it is still there.
    pub(super) fn drop_caller(&mut self, number: u32) -> io::Result<()> {
        let Some(at) = self.callers.all.iter().position(|caller| caller.number == number) else {
            return Ok(());
        };
        match self.callers.all.remove(at) {
            Some(caller) => self.poll.remove(&caller.stream),
            None => Ok(()),
        }
    }
}

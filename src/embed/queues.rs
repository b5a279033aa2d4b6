//! The ends of host queues in the hands of the program: [`Sender`] and [`Receiver`].

use super::error::{Error, ErrorKind};
use crate::runtime::hosted::{End, Said};
use crate::value::serde::{from_value, to_value};
use crate::wire::message::Patience;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::time::Duration;

/// Puts items into a host queue. Dropping it, and all made of it by [`Sender::try_clone`], ends the stream.
pub struct Sender<T> {
    end: End,
    item: PhantomData<fn(T)>,
}

impl<T: Serialize> Sender<T> {
    pub(crate) fn new(end: End) -> Self {
        Sender { end, item: PhantomData }
    }

    /// Puts an item, waiting for room. It is in the queue's hands when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::NoConsumer`] when no process can take it any more, [`ErrorKind::Type`] when it is not what the queue
    /// carries, [`ErrorKind::Limit`] when the queues would hold more than [`Limits`](crate::Limits) allow,
    /// [`ErrorKind::Stopped`] when the run is over.
    pub fn send(&self, item: &T) -> Result<(), Error> {
        self.put(item, Patience::Forever {}).map(drop)
    }

    /// Puts an item if there is room in time; whether there was.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub fn send_timeout(&self, item: &T, time: Duration) -> Result<bool, Error> {
        self.put(item, patience(time))
    }

    /// A further sender of the same queue, for another thread.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] when the run is over.
    pub fn try_clone(&self) -> Result<Sender<T>, Error> {
        self.end.another(true).map(Sender::new).ok_or_else(over)
    }

    fn put(&self, item: &T, patience: Patience) -> Result<bool, Error> {
        let value = to_value(item).map_err(|mismatch| {
            Error::new(ErrorKind::Type, format!("an item for queue `{}`: {mismatch}", self.end.name()))
        })?;
        match self.end.put(value, patience) {
            Said::Done | Said::Item(_) => Ok(true),
            Said::NotInTime => Ok(false),
            Said::Ended(cause) if cause == "no consumer" => {
                let message = format!("no process takes from queue `{}` any more", self.end.name());
                Err(Error::new(ErrorKind::NoConsumer, message))
            }
            Said::Ended(_) => Err(Error::new(
                ErrorKind::Closed,
                format!("the stream of queue `{}` has ended", self.end.name()),
            )),
            Said::Refused(message) => Err(Error::new(ErrorKind::Type, message)),
            Said::Limit(message) => Err(Error::new(ErrorKind::Limit, message)),
            Said::Over => Err(over()),
        }
    }
}

/// Takes items from a host queue; also those that are left when the run is over.
pub struct Receiver<T> {
    end: End,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Receiver<T> {
    pub(crate) fn new(end: End) -> Self {
        Receiver { end, item: PhantomData }
    }

    /// Waits for an item; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] when the item is no `T`.
    pub fn recv(&self) -> Result<Option<T>, Error> {
        self.get(Patience::Forever {})
    }

    /// Waits so long; `None` when nothing came, or the stream has ended, which [`Receiver::is_ended`] tells.
    ///
    /// # Errors
    /// As [`Receiver::recv`].
    pub fn recv_timeout(&self, time: Duration) -> Result<Option<T>, Error> {
        self.get(patience(time))
    }

    /// Whether nothing more can come.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.end.is_ended()
    }

    /// Every item until the end of the stream.
    pub fn iter(&self) -> impl Iterator<Item = Result<T, Error>> + '_ {
        std::iter::from_fn(|| self.recv().transpose())
    }

    fn get(&self, patience: Patience) -> Result<Option<T>, Error> {
        match self.end.get(patience) {
            Said::Item(value) => from_value(&value).map(Some).map_err(|mismatch| {
                Error::new(ErrorKind::Type, format!("an item of queue `{}`: {mismatch}", self.end.name()))
            }),
            Said::Refused(message) | Said::Limit(message) => Err(Error::new(ErrorKind::Other, message)),
            Said::Done | Said::NotInTime | Said::Ended(_) | Said::Over => Ok(None),
        }
    }
}

fn patience(time: Duration) -> Patience {
    if time.is_zero() { Patience::No {} } else { Patience::Seconds { seconds: time.as_secs_f64() } }
}

pub(crate) fn over() -> Error {
    Error::new(ErrorKind::Stopped, "the run is over")
}

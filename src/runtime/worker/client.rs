//! The worker's side of the protocol: one question at a time, each answered before the next.

use super::hand::Hand;
use super::host::Host;
use super::portable::Passed;
use crate::runtime::connection::{Connection, Item};
use crate::runtime::hooks::{self, Point};
use crate::runtime::os::socket::Read;
use crate::runtime::parcel;
use crate::runtime::transport::page::Page;
use crate::runtime::transport::ring::Lookout;
use crate::script::{Fault, Wait};
use crate::value::Value;
use crate::wire::local::LocalAsk;
use crate::wire::message::{Answer, Ask, Delivery, Parcel, Patience, ProcessFacts, Reply, Report, Request};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// Waits until the socket can be read; false: the answer is not wanted any more.
type Wanted = dyn Fn(BorrowedFd<'_>) -> io::Result<bool>;

/// What a process is about to do, for who wants to say something before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It asks a question and waits for the answer.
    Waits,
    /// It goes on; asked now and then.
    Runs,
}

/// Who wants to say something before the process waits.
pub type Interlude = dyn Fn(&Client, Moment);

/// The connection to the supervisor, and what this process knows of itself.
pub struct Client {
    connection: RefCell<Connection>,
    number: Cell<u32>,
    /// The process that this thread of it runs in.
    pub host: Arc<Host>,
    pub me: ProcessFacts,
    /// What this job says of itself without a message.
    pub page: Page,
    /// Whether looking for answers before it sleeps has paid.
    pub lookout: Lookout,
    /// Whether questions are worth waiting for; see [`Client::give_up_when`].
    wanted: OnceCell<Box<Wanted>>,
    hands: RefCell<BTreeMap<u32, Rc<RefCell<Hand>>>>,
    interlude: RefCell<Option<Rc<Interlude>>>,
}

impl Client {
    pub fn new(connection: Connection, me: ProcessFacts, page: Page, host: Arc<Host>) -> Self {
        Client {
            connection: RefCell::new(connection),
            number: Cell::new(0),
            host,
            me,
            page,
            lookout: Lookout::default(),
            wanted: OnceCell::new(),
            hands: RefCell::default(),
            interlude: RefCell::default(),
        }
    }

    /// An item given ahead, if there is one: it is taken with this.
    pub fn take_ahead(&self, queue: u32) -> Option<Parcel> {
        let parcel = self.hand(queue).borrow_mut().ahead.pop_front()?;
        self.count_taken(queue);
        self.reach(Point::TakenAhead);
        Some(parcel)
    }

    /// Remembers where in the script the next question comes from.
    pub fn at(&self, source: u32, line: u32) {
        self.page.set_line(source, line);
    }

    /// The body begins: whoever looks sees it, and nobody else is told.
    pub fn begin_body(&self) {
        self.page.begins();
        self.reach(Point::BodyBegins);
    }

    /// Whether the run is stopping.
    pub fn is_stopped(&self) -> bool {
        self.host.is_stopped()
    }

    /// Counts a look of the engine; one too many ends the process, which has failed.
    pub fn count_look(&self) {
        if self.host.may_look() {
            return;
        }
        let message = "it has done as many operations as the program that runs the script allows".to_owned();
        let report = Report { kind: "Limit".to_owned(), message, place: None, trace: Vec::new() };
        // A supervisor that is gone needs no report. No `catch` and no thread of the body is to go on.
        let _ = self.tell(Ask::Failed { report });
        std::process::exit(1);
    }

    /// Has this called before each wait, and now and then.
    pub fn set_interlude(&self, interlude: Rc<Interlude>) {
        *self.interlude.borrow_mut() = Some(interlude);
    }

    /// Lets those speak who want to say something before.
    pub fn pause(&self, moment: Moment) {
        let interlude = self.interlude.borrow().clone();
        if let Some(interlude) = interlude {
            interlude(self, moment);
        }
    }

    /// Asks and waits for the answer.
    pub fn ask(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> Result<Answer, Fault> {
        self.pause(Moment::Waits);
        let mut wanted = true;
        let answer = self.exchange(ask, descriptors, |socket| {
            wanted = self.wanted.get().map_or(Ok(true), |wanted| wanted(socket))?;
            Ok(wanted)
        });
        match unless_refused(answer)? {
            Answer::NotInTime { .. } if !wanted => Err(Fault::Stopped),
            answer => Ok(answer),
        }
    }

    /// From now on questions that wait are given up, as if the run were stopping, when this says so.
    pub fn give_up_when(&self, wanted: impl Fn(BorrowedFd<'_>) -> io::Result<bool> + 'static) {
        // Only the first holds; there is one who asks for it.
        let _ = self.wanted.set(Box::new(wanted));
    }

    /// Asks and waits for the answer as long as `wait` wants it. It is called with the socket and returns when
    /// that can be read; when it returns false the question is withdrawn, which is answered as a wait whose
    /// time is over, unless the answer was on its way.
    pub fn ask_while(
        &self,
        ask: Ask,
        wait: impl FnMut(BorrowedFd<'_>) -> io::Result<bool>,
    ) -> Result<Answer, Fault> {
        unless_refused(self.exchange(ask, Vec::new(), wait))
    }

    /// Tells something that needs no answer.
    pub fn tell(&self, ask: Ask) -> io::Result<()> {
        self.tell_with(ask, Vec::new())
    }

    /// The same, said with what is said next, or by [`Client::flush`]: whoever says this is about to.
    pub fn tell_soon(&self, ask: Ask, descriptors: Vec<OwnedFd>) {
        self.queue(&mut self.connection.borrow_mut(), 0, ask, descriptors);
    }

    /// Says what was to be said soon.
    pub fn flush(&self) -> io::Result<()> {
        self.connection.borrow_mut().flush().map(drop)
    }

    pub fn tell_with(&self, ask: Ask, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        let steps = steps(&ask);
        let mut connection = self.connection.borrow_mut();
        self.queue(&mut connection, 0, ask, descriptors);
        connection.flush()?;
        if let Some((said, _)) = steps {
            self.reach(said);
        }
        Ok(())
    }

    /// A test may have this process killed here.
    pub fn reach(&self, point: Point) {
        hooks::reach(point, &self.me.name);
    }

    /// Tells that it has waited for long, which its page says too: it is not counted, since nothing follows from it but
    /// a look.
    pub fn tell_of_wait(&self) -> io::Result<()> {
        let mut connection = self.connection.borrow_mut();
        let request = Request { number: 0, at: self.page.line(), ask: Ask::StillWaits {} };
        connection.queue(&request, Vec::new());
        connection.flush().map(drop)
    }

    /// The page says first that there is one more message.
    fn queue(&self, connection: &mut Connection, number: u32, ask: Ask, descriptors: Vec<OwnedFd>) {
        self.page.sends();
        connection.queue(&Request { number, at: self.page.line(), ask }, descriptors);
    }

    fn exchange(
        &self,
        ask: Ask,
        descriptors: Vec<OwnedFd>,
        mut wait: impl FnMut(BorrowedFd<'_>) -> io::Result<bool>,
    ) -> io::Result<Answer> {
        if self.is_stopped() {
            return Ok(Answer::Stopped {});
        }
        let steps = steps(&ask);
        let number = self.number.get().wrapping_add(1).max(1);
        self.number.set(number);
        let mut connection = self.connection.borrow_mut();
        self.queue(&mut connection, number, ask, descriptors);
        connection.flush()?;
        if let Some((said, _)) = steps {
            self.reach(said);
        }
        let mut wanted = true;
        loop {
            if let Some(reply) = connection.next::<Reply>().map_err(io::Error::other)? {
                match reply.answer {
                    Answer::LocalEnded { local, cause, by } => self.host.ended(local, cause, by),
                    answer if reply.number == number => {
                        if let Some((_, Some(answered))) = steps {
                            self.reach(answered);
                        }
                        if let Answer::Items { deliveries, ahead: false } = &answer {
                            self.arrive(&mut connection, number, deliveries)?;
                        }
                        return Ok(answer);
                    }
                    _ => {}
                }
                continue;
            }
            if wanted && !wait(connection.stream().as_fd())? {
                wanted = false;
                self.queue(&mut connection, 0, Ask::Withdraw {}, Vec::new());
                connection.flush()?;
            }
            if connection.read()? == Read::End {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Items are there, and are this job's from now on. A long one is not to be kept for another any more.
    fn arrive(&self, connection: &mut Connection, number: u32, deliveries: &[Delivery]) -> io::Result<()> {
        self.page.arrives(number);
        if deliveries.iter().any(|delivery| matches!(delivery.parcel, Parcel::Shared { .. })) {
            self.queue(connection, 0, Ask::Arrived {}, Vec::new());
            connection.flush()?;
        }
        Ok(())
    }

    /// Counts an item given ahead as taken.
    pub fn count_taken(&self, queue: u32) {
        self.page.count(queue as usize);
    }

    /// Ends are on their way to another thread by a queue or a cell: those of all threads of the process hold
    /// them before anybody can see them.
    pub fn pass_on(&self, passed: Passed) -> Result<(), Fault> {
        let Some(Passed { takes, puts }) = self.host.not_passed_yet(passed) else { return Ok(()) };
        takes.iter().chain(&puts).for_each(|&queue| self.void(queue));
        let ask = LocalAsk::PassedOn { takes: takes.clone(), puts: puts.clone() };
        self.ask(Ask::Local { ask }, Vec::new())?;
        self.host.are_passed(&takes, &puts);
        Ok(())
    }

    /// Who hands an end on is not the only one at it any more: room granted and items given ahead are void.
    pub fn void(&self, queue: u32) {
        let hand = self.hand(queue);
        let mut hand = hand.borrow_mut();
        hand.granted = 0;
        if !hand.ahead.is_empty() {
            hand.ahead.clear();
            // A supervisor that is gone needs no word.
            let _ = self.tell(Ask::NotTaken { queue });
        }
    }

    /// The value of a parcel of the answer received last.
    pub fn unpack(&self, parcel: Parcel) -> io::Result<Value> {
        let item = self.open(parcel)?;
        parcel::unpack(item).map_err(io::Error::other)
    }

    pub fn open(&self, parcel: Parcel) -> io::Result<Item> {
        self.connection.borrow_mut().open(parcel).map_err(io::Error::other)
    }

    /// What this process has in hand of a queue.
    pub fn hand(&self, queue: u32) -> Rc<RefCell<Hand>> {
        self.hands.borrow_mut().entry(queue).or_default().clone()
    }
}

/// The points at which a message is said, and its answer is there.
fn steps(ask: &Ask) -> Option<(Point, Option<Point>)> {
    use crate::wire::shared::{PermitAsk, SharedAsk};
    Some(match ask {
        Ask::Put { .. } => (Point::PutSaid, None),
        Ask::Get { .. } => (Point::GetSaid, Some(Point::GetAnswered)),
        Ask::Acknowledge { .. } => (Point::DoneSaid, None),
        Ask::GiveBack { .. } => (Point::FailedSaid, None),
        Ask::Start { .. } => (Point::StartSaid, None),
        Ask::Shared { ask: SharedAsk::Permit { ask }, .. } => match ask {
            PermitAsk::Acquire { .. } => (Point::LockSaid, Some(Point::LockReturns)),
            PermitAsk::Release {} => (Point::UnlockSaid, None),
        },
        _ => return None,
    })
}

fn unless_refused(answer: io::Result<Answer>) -> Result<Answer, Fault> {
    match answer.map_err(|_| Fault::Stopped)? {
        Answer::Stopped {} => Err(Fault::Stopped),
        Answer::Refused { kind, message } => Err(Fault::error(&kind, message)),
        answer => Ok(answer),
    }
}

/// A wait as it travels.
pub fn patience(wait: Wait) -> Patience {
    match wait {
        Wait::Forever => Patience::Forever {},
        Wait::Seconds(seconds) => Patience::Seconds { seconds },
        Wait::No => Patience::No {},
    }
}

//! Whatever bytes a worker, the supervisor or a caller sends, in whatever pieces: they are cut into messages or
//! refused, and a message that is understood is said again in the same way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procession::wire::codec::{self, Decode, Encode};
use procession::wire::frame::Decoder;
use procession::wire::message::{Launch, Reply, Request};
use procession::wire::watch::{Answer, Question};
use procession::wire::zygote::{Beginning, Birth, Word};

/// The encoding of what was understood is understood as the same.
fn again<M: Decode<()> + Encode>(payload: &[u8]) {
    if let Ok(message) = codec::from_bytes::<M>(payload) {
        let bytes = codec::to_bytes(&message);
        let other: M = codec::from_bytes(&bytes).expect("what is written can be read");
        assert_eq!(codec::to_bytes(&other), bytes);
    }
}

/// As each kind of message that there is.
fn as_messages(payload: &[u8]) {
    again::<Request>(payload);
    again::<Reply>(payload);
    again::<Launch>(payload);
    again::<Question>(payload);
    again::<Answer>(payload);
    again::<Beginning>(payload);
    again::<Birth>(payload);
    again::<Word>(payload);
}

fuzz_target!(|bytes: &[u8]| {
    // Without a frame around them too, so that messages are found soon.
    as_messages(bytes);
    // The first byte says in which pieces the rest comes.
    let Some((&piece, bytes)) = bytes.split_first() else { return };
    let mut decoder = Decoder::new();
    for chunk in bytes.chunks(usize::from(piece).max(1)) {
        decoder.push(chunk);
        loop {
            match decoder.next_payload() {
                Ok(Some(payload)) => as_messages(payload),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
});

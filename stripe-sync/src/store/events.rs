//! What live events keep in the application's database: the inbox, the work that follows from it, what is to be delivered
//! after a commit, and changes for those who subscribe.
pub(crate) mod completion;
pub(crate) mod content_time;
pub(crate) mod cursor;
pub(crate) mod queue;

pub(crate) mod changes;
pub(crate) mod forwarded;
pub(crate) mod inbox;
pub(crate) mod lanes;
pub(crate) mod moments;
pub(crate) mod outbox;
pub(crate) mod position;

pub(crate) use inbox::selection::Selection;
pub(crate) use inbox::{Disposition, EventState, InboxEvent, NewEvent, Source};
pub(crate) use lanes::{Lined, Turn};
pub(crate) use outbox::Message;
pub(crate) use queue::handled::HandledResources;
pub(crate) use queue::{Claim, EVENT, ObjectRef};

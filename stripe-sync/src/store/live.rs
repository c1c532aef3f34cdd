//! What live events keep in the application's database: the inbox, the work that follows from it, what is to be delivered
//! after a commit, and changes for those who subscribe.

mod awaited;
mod changes;
mod dates;
mod due;
mod follow;
mod followed;
mod forgetting;
mod forwarded;
mod holding;
mod inbox;
mod known;
mod lanes;
mod moments;
mod outbox;
mod received;
mod selection;
mod tellable;
mod work;

pub(crate) use awaited::Standing;
pub use changes::ChangeKind;
pub(crate) use changes::StoredChange;
pub(crate) use dates::Dated;
pub(in crate::store) use dates::forget as forget_date;
pub(crate) use due::Due;
pub(crate) use follow::{Following, Handlers};
pub(crate) use followed::Cursor;
pub(crate) use forwarded::Forwarded;
pub(crate) use inbox::NewEvent;
pub use inbox::{EventState, InboxEvent, Source};
pub(crate) use known::Known;
pub(crate) use lanes::Turn;
pub(crate) use moments::LONGEST_PAUSE;
pub(crate) use outbox::Message;
pub(crate) use selection::Selection;
pub(crate) use tellable::Tellable;
pub(crate) use work::{Claim, EVENT, Subject};

//! The call of a function over several members: `#[stripe(with(currency, amount) = function)]`.

use std::fmt::Display;
use std::marker::PhantomData;

use crate::kind::ValueError;
use crate::object::slot::Slot;

/// The slots of the members, one for each that the function gets.
pub fn members<'s, 'o, const N: usize>(slot: &'s Slot<'o>) -> [&'s Slot<'o>; N] {
    let all: &[Slot<'o>] = match slot {
        Slot::Members(members) => members,
        _ => &[],
    };
    std::array::from_fn(|place| all.get(place).unwrap_or(&Slot::Absent))
}

/// A function beside the slots of its members, before it is known whether it can be called.
#[derive(Debug)]
pub struct WithMembers<A, T, F> {
    function: F,
    slots: A,
    value: PhantomData<T>,
}

/// Generated code calls `read` on this, as on [`WithFunction`](super::attributes::WithFunction).
pub fn with_members<T, A, F>(function: F, slots: A) -> WithMembers<A, T, F> {
    WithMembers {
        function,
        slots,
        value: PhantomData,
    }
}

macro_rules! with_members {
    ($($type:ident $slot:ident)*) => {
        impl<$($type,)* T, F, E> WithMembers<($($type,)*), T, F>
        where
            F: FnOnce($($type),*) -> Result<T, E>,
            E: Display,
        {
            /// What the function reads.
            ///
            /// # Errors
            /// As the function's own.
            pub fn read(self) -> Result<T, ValueError> {
                let ($($slot,)*) = self.slots;
                (self.function)($($slot),*).map_err(|error| ValueError::new(error.to_string()))
            }
        }
    };
}
with_members!(A a B b);
with_members!(A a B b C c);
with_members!(A a B b C c D d);
with_members!(A a B b C c D d G g);
with_members!(A a B b C c D d G g H h);
with_members!(A a B b C c D d G g H h I i);
with_members!(A a B b C c D d G g H h I i J j);

/// What `with(...)` may name. Nothing has it: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "`with(...)` needs a function that takes a `&Slot<'_>` for each of its members and returns `Result<{T}, E>`",
    label = "this is `{Self}`",
    note = "for two members, write `fn name(one: &Slot<'_>, other: &Slot<'_>) -> Result<{T}, E>`, where `E` has `Display`, such as `stripe_sync::ValueError`"
)]
pub trait ReadsMembers<T> {}

/// A function of another signature: found last, and always an error.
pub trait UnreadableMembers<T, F> {
    /// Never called.
    ///
    /// # Errors
    /// Always.
    fn read(self) -> Result<T, ValueError>
    where
        F: ReadsMembers<T>;
}

impl<A, T, F> UnreadableMembers<T, F> for &WithMembers<A, T, F> {
    fn read(self) -> Result<T, ValueError>
    where
        F: ReadsMembers<T>,
    {
        Err(ValueError::new("not a function that reads"))
    }
}

//! The house keeps its order: rooms name only lower rooms, folders and files stay small, errors say their cause once, and
//! `docs/architecture.md` names what is there.

mod errors;
mod roads;
mod rooms;
mod sizes;
mod sources;

//! The house keeps its order: rooms name only lower rooms, folders and files stay small, and `docs/architecture.md` names
//! what is there.

mod roads;
mod rooms;
mod sizes;
mod sources;

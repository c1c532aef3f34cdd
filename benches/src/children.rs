//! Invoices and their lines, mirrored in two ways: the lines from the pages of the invoices, and one list for each invoice.

pub mod contestants;
pub mod invoices;

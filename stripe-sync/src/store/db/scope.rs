//! Whose data is read.

use crate::store::db::Bind;

/// The rows of a bookkeeping table that are about a table, account and mode: see [`scope_binds`].
pub(crate) const OF_KEY: &str = "WHERE table_name = ? AND account = ? AND livemode = ?";

/// Whose data is read: the account and the mode of the key. By default nobody's, under which stands what is of no account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    /// For example `acct_1`.
    pub(crate) account: String,
    /// Whether it is live data.
    pub(crate) livemode: bool,
}

impl Scope {
    /// As in `live data of acct_1`.
    pub(crate) fn describe(&self) -> String {
        let mode = if self.livemode { "live" } else { "test" };
        format!("{mode} data of {}", self.account)
    }

    /// The account and the mode as parameters.
    pub(crate) fn binds(&self) -> [Bind<'_>; 2] {
        [Bind::text(&self.account), Bind::boolean(self.livemode)]
    }
}

/// A table or another name, an account and a mode as parameters of the bookkeeping.
pub(crate) fn scope_binds<'b>(name: &'b str, scope: &'b Scope) -> [Bind<'b>; 3] {
    let [account, livemode] = scope.binds();
    [Bind::text(name), account, livemode]
}

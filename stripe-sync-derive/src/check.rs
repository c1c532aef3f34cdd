//! What an annotated struct has to be. One rule a function; each rule reports at the token that breaks it.

use crate::attr::FieldAttrs;
use crate::ctxt::Ctxt;
use crate::model::Model;

pub(crate) fn attributes_agree(_cx: &Ctxt, _attrs: &FieldAttrs) -> bool {
    true
}
pub(crate) fn model(_cx: &Ctxt, _model: &Model<'_>) {}

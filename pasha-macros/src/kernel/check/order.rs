//! The parameters every kernel has: the worker id, the index and the item.

use syn::{FnArg, Type};

use super::no_lifetime;
use crate::errors::Errors;
use crate::kernel::model::Kernel;
use crate::kernel::slot;
use crate::types;

/// The worker id and the index come first.
pub(super) fn check_leading(kernel: &Kernel<'_>, errors: &mut Errors) {
    let names = ["worker id", "index"];
    for (leading, name) in kernel.leading.iter().zip(names) {
        let FnArg::Typed(input) = leading.input else {
            return;
        };
        let position = if name == "index" { "second" } else { "first" };
        if leading.has_role {
            errors.at(
                &input.pat,
                format!(
                    "the {position} parameter of a kernel is the {name}: \
                     insert `{}: usize` before this one",
                    name.replace(' ', "_")
                ),
            );
            return;
        }
        if is_visibly_not_usize(&input.ty) {
            errors.at(
                &input.ty,
                format!(
                    "the {position} parameter of a kernel is the {name}: write `{}: usize`{}",
                    name.replace(' ', "_"),
                    if name == "index" { ", and the item after it" } else { "" },
                ),
            );
        }
    }
    if let Some(missing) = names.get(kernel.leading.len()) {
        errors.at_span(
            kernel.function.sig.paren_token.span.close(),
            format!(
                "the {missing} is missing: a kernel starts \
                 `(worker_id: usize, index: usize, item: …`"
            ),
        );
    }
}

fn is_visibly_not_usize(ty: &Type) -> bool {
    match types::peel(ty) {
        Type::Path(_) => types::is_primitive(ty) && types::single_word(ty).as_deref() != Some("usize"),
        Type::Macro(_) | Type::Verbatim(_) => false,
        _ => true,
    }
}

/// At least one parameter is the item.
pub(super) fn check_items(kernel: &Kernel<'_>, errors: &mut Errors) {
    for item in kernel.items() {
        if let Some(view) = slot::view_without_lifetime(&item.ty) {
            errors.at(&item.ty, no_lifetime(&view));
        }
    }
    let [.., index] = kernel.leading.as_slice() else {
        return;
    };
    let starts_well = kernel.leading.len() == 2
        && kernel.leading.iter().all(|leading| match leading.input {
            FnArg::Typed(input) => !leading.has_role && !is_visibly_not_usize(&input.ty),
            FnArg::Receiver(_) => false,
        });
    if starts_well && kernel.items().next().is_none() {
        errors.at(
            index.input,
            "no parameter takes the item: write one without an attribute after the index, \
             such as `value: &f64`",
        );
    }
}

//! The parameters with attributes: what types they can have, and what options.

use syn::{Type, TypeReference};

use super::no_lifetime;
use crate::errors::Errors;
use crate::kernel::attr::OutOptions;
use crate::kernel::model::{Field, Kernel, Kind};
use crate::kernel::slot::{self, Form, Mistake, Slot};
use crate::types;

/// Each parameter with an attribute has a type that fits it.
pub(super) fn check_fields(kernel: &Kernel<'_>, errors: &mut Errors) {
    for field in kernel.fields() {
        let ty = &*field.original.ty;
        if let Some(slot) = field.slot() {
            check_slot(slot, errors);
        }
        match &field.kind {
            Kind::Out(slot, options) => check_out(slot, options, errors),
            Kind::PerWorker(_) | Kind::Reduce(..) | Kind::Unknown => {}
            Kind::Scratch(made) => check_scratch(ty, *made, errors),
            Kind::Param(_) => check_param(field, errors),
        }
    }
}

fn check_slot(slot: &Slot<'_>, errors: &mut Errors) {
    let Form::Mistake(mistake) = &slot.form else {
        return;
    };
    match mistake {
        Mistake::Shared(reference) => errors.at(reference.and_token, "an output is written to: write `&mut`"),
        Mistake::SharedView { written } => {
            let name = written.replace("ArrayView", "ArrayViewMut");
            errors.at(slot.ty, format!("an output is written to: write `{name}<'_, …>`"));
        }
        Mistake::ViewBehindReference { view } => {
            errors.at(view, "a view is passed as it is: write it without `&mut` before it")
        }
        Mistake::Static(lifetime) => errors.at(lifetime, format!("an output {KEPT}")),
        Mistake::BorrowedElement { elem } => {
            errors.at(elem, "an element is plain data, which borrows nothing: write an index or a number in its place")
        }
        Mistake::NoLifetime { written } => errors.at(slot.ty, no_lifetime(written)),
        Mistake::ByValue => {
            let elem = types::single_word(slot.ty).unwrap_or_else(|| String::from("T"));
            let message = format!(
                "an output is lent to the kernel: write `&mut {elem}`, or `&mut [T]` or \
                 `ArrayViewMut<'_, T, D>` for more than one element"
            );
            errors.at(slot.ty, message);
        }
    }
}

fn check_out(slot: &Slot<'_>, options: &OutOptions, errors: &mut Errors) {
    let Some(axis) = &options.axis else { return };
    if options.ranges.is_some() {
        errors.at(
            &axis.original,
            "ranges are cut by the caller, who also picks the axis: leave `axis` out, and bind \
             `array.ranges_along(Axis(1), &offsets)?`",
        );
        return;
    }
    let Some(rank) = slot.rank() else { return };
    if axis.number > rank {
        let message = match rank {
            0 => "the array of such outputs has one axis: write `axis = 0`, or take a row, `&mut [T]`, whose arrays have two"
                .to_owned(),
            _ => format!("the array of such outputs has {} axes: write one from 0 to {rank}", rank + 1),
        };
        errors.at(&axis.original, message);
    }
}

fn check_scratch(ty: &Type, made: Option<&Type>, errors: &mut Errors) {
    let Some(made) = made else {
        errors.at(ty, "scratch is lent to the kernel by its worker: write `&mut S`");
        return;
    };
    if let Some(lifetime) = slot::own_lifetime(ty).filter(|lifetime| lifetime.ident == "static") {
        errors.at(lifetime, format!("scratch {KEPT}"));
    }
    let made = types::peel(made);
    let is_slice = matches!(made, Type::Slice(_));
    if is_slice || matches!(made, Type::TraitObject(_)) {
        let instead = if is_slice { "&mut Vec<T>" } else { "&mut Box<dyn Trait>" };
        errors.at(made, format!("scratch is made by a closure, which needs a size: write `{instead}`"));
    }
}

fn check_param(field: &Field<'_>, errors: &mut Errors) {
    let ty = types::peel(&field.original.ty);
    if let Some(view) = slot::view_without_lifetime(ty) {
        errors.at(ty, no_lifetime(&view));
    }
    if let Some(segment) = types::last_segment(ty)
        && OWNERS.contains(&segment.ident.to_string().as_str())
    {
        errors.at(
            ty,
            "every call is given this, and it cannot be copied: take a reference, with `&` before \
             the type",
        );
    }
    if let Type::Reference(TypeReference { mutability: Some(mutability), .. }) = ty {
        errors.at(
            mutability,
            "all workers have a parameter at once: write `&T`, or make it an `#[out]`, \
             a `#[per_worker]`, a `#[reduce(…)]` or `#[scratch]`",
        );
    }
}

/// What is wrong with `&'static mut T`.
const KEPT: &str = "is lent for the time of a call: leave the lifetime out, or write `'_`";

/// Well-known types that are not `Copy`.
const OWNERS: [&str; 11] =
    ["Arc", "Array1", "Array2", "Array3", "ArrayD", "Box", "HashMap", "Mutex", "Rc", "String", "Vec"];

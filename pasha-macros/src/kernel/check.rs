//! The rules of a kernel's signature.

use syn::visit::{self, Visit};
use syn::{FnArg, GenericParam, Lifetime, Type, TypeImplTrait, TypeReference};

use super::attr::OutOptions;
use super::model::{Field, Kernel, Kind};
use super::slot::{self, Form, Mistake, Slot};
use crate::errors::Errors;
use crate::generics::Names;
use crate::types;

/// Reports everything in the signature that a kernel cannot have.
pub(crate) fn check(kernel: &Kernel<'_>, errors: &mut Errors) {
    check_qualifiers(kernel, errors);
    check_attributes(kernel, errors);
    check_receiver(kernel, errors);
    check_impl_trait(kernel, errors);
    check_leading(kernel, errors);
    check_items(kernel, errors);
    check_fields(kernel, errors);
    check_generics(kernel, errors);
    check_output(kernel, errors);
}

fn check_qualifiers(kernel: &Kernel<'_>, errors: &mut Errors) {
    let sig = &kernel.function.sig;
    if let Some(word) = &sig.asyncness {
        errors.at(word, "a kernel is called directly, nothing would await it: remove `async`");
    }
    if let Some(word) = &sig.unsafety {
        errors.at(
            word,
            "pasha cannot know what an unsafe kernel relies on: remove `unsafe`, \
             and put `unsafe` blocks in the body",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, "a kernel is called from Rust: remove `extern`");
    }
    if let Some(dots) = &sig.variadic {
        errors.at(dots, "a kernel has a fixed number of parameters: remove `...`");
    }
}

fn check_attributes(kernel: &Kernel<'_>, errors: &mut Errors) {
    for attr in &kernel.function.attrs {
        let path = attr.path();
        if path.is_ident("target_feature") {
            errors.at(
                attr,
                "a kernel is called by code that does not have the feature: \
                 put `#[target_feature]` on a function that the kernel calls",
            );
        } else if path.segments.last().is_some_and(|last| last.ident == "kernel") {
            errors.at(attr, "this function is a kernel already: remove this attribute");
        }
    }
}

fn check_receiver(kernel: &Kernel<'_>, errors: &mut Errors) {
    if let Some(receiver) = kernel.function.sig.receiver() {
        errors.at(
            receiver,
            "a kernel is a free function: take what it needs of `self` as a `#[param]`",
        );
    }
}

fn check_impl_trait(kernel: &Kernel<'_>, errors: &mut Errors) {
    struct Finder<'e>(&'e mut Errors, &'static str);
    impl Visit<'_> for Finder<'_> {
        fn visit_type_impl_trait(&mut self, found: &TypeImplTrait) {
            self.0.at(found, self.1);
        }
    }
    let parameter = "write a type parameter: the kernel's struct has to name the type";
    for input in &kernel.function.sig.inputs {
        Finder(errors, parameter).visit_fn_arg(input);
    }
    let output = "write the type itself: the kernel's traits have to name it";
    Finder(errors, output).visit_return_type(&kernel.function.sig.output);
}

fn check_leading(kernel: &Kernel<'_>, errors: &mut Errors) {
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
        Type::Path(_) => {
            types::is_primitive(ty) && types::single_word(ty).as_deref() != Some("usize")
        }
        Type::Macro(_) | Type::Verbatim(_) => false,
        _ => true,
    }
}

fn check_items(kernel: &Kernel<'_>, errors: &mut Errors) {
    for item in kernel.items() {
        if let Some(view) = slot::view_without_lifetime(&item.ty) {
            errors.at(&item.ty, elided(&view));
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

fn check_fields(kernel: &Kernel<'_>, errors: &mut Errors) {
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
        Mistake::Shared(reference) => errors.at(
            reference.and_token,
            "an output is written to: write `&mut`",
        ),
        Mistake::SharedView { written } => {
            let name = written.replace("ArrayView", "ArrayViewMut");
            errors.at(slot.ty, format!("an output is written to: write `{name}<'_, …>`"));
        }
        Mistake::ViewBehindReference { view } => errors.at(
            view,
            "a view is passed as it is: write it without `&mut` before it",
        ),
        Mistake::NoLifetime { written } => errors.at(slot.ty, elided(written)),
        Mistake::ByValue => errors.at(
            slot.ty,
            "an output is lent to the kernel: write `&mut T`, `&mut [T]` or \
             `ArrayViewMut<'_, T, D>`",
        ),
    }
}

fn elided(view: &str) -> String {
    format!("the lifetime of a view is written here: `{view}<'_, …>`")
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
        errors.at(
            &axis.original,
            format!(
                "the array of such outputs has {} {}: axis {} is the last",
                rank + 1,
                if rank == 0 { "axis" } else { "axes" },
                rank,
            ),
        );
    }
}

fn check_scratch(ty: &Type, made: Option<&Type>, errors: &mut Errors) {
    let Some(made) = made else {
        errors.at(ty, "scratch is lent to the kernel by its worker: write `&mut S`");
        return;
    };
    let made = types::peel(made);
    let is_slice = matches!(made, Type::Slice(_));
    if is_slice || matches!(made, Type::TraitObject(_)) {
        let instead = if is_slice { "&mut Vec<T>" } else { "&mut Box<dyn Trait>" };
        errors.at(
            made,
            format!("scratch is made by a closure, which needs a size: write `{instead}`"),
        );
    }
}

fn check_param(field: &Field<'_>, errors: &mut Errors) {
    let ty = types::peel(&field.original.ty);
    if let Some(view) = slot::view_without_lifetime(ty) {
        errors.at(ty, elided(&view));
    }
    if let Type::Reference(TypeReference {
        mutability: Some(mutability),
        ..
    }) = ty
    {
        errors.at(
            mutability,
            "all workers have a parameter at once: write `&T`, or make it an `#[out]`, \
             a `#[per_worker]`, a `#[reduce(…)]` or `#[scratch]`",
        );
    }
}

fn check_generics(kernel: &Kernel<'_>, errors: &mut Errors) {
    let used = kernel.field_names.clone().union(&kernel.item_names);
    for param in &kernel.generics().params {
        if used.has(param) {
            continue;
        }
        let message = "neither the item nor a parameter with an attribute uses this: remove it, \
                       nothing would say what it is";
        match param {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(param) => errors.at(&param.ident, message),
            GenericParam::Const(param) => errors.at(&param.ident, message),
        }
    }
}

/// What a kernel returns outlives the call, so it borrows neither from the item nor an output.
fn check_output(kernel: &Kernel<'_>, errors: &mut Errors) {
    struct Borrows<'e, 'k, 'a>(&'e mut Errors, &'k Kernel<'a>);
    impl Borrows<'_, '_, '_> {
        fn report(&mut self, tokens: impl quote::ToTokens) {
            self.0.at(
                tokens,
                "a kernel returns a value, nothing borrowed: write the value's own type, \
                 or `&'static`",
            );
        }
    }
    impl Visit<'_> for Borrows<'_, '_, '_> {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            if lifetime.ident != "static" && !self.1.field_names.has_lifetime(lifetime) {
                self.report(lifetime);
            }
        }

        fn visit_type_reference(&mut self, reference: &TypeReference) {
            if reference.lifetime.is_none() {
                self.report(reference.and_token);
            }
            visit::visit_type_reference(self, reference);
        }

        fn visit_type_bare_fn(&mut self, _: &syn::TypeBareFn) {}

        fn visit_parenthesized_generic_arguments(
            &mut self,
            _: &syn::ParenthesizedGenericArguments,
        ) {
        }
    }
    if let Some(output) = kernel.output() {
        Borrows(errors, kernel).visit_type(output);
    }
}

/// Whether the return type can be written outside of the function.
pub(crate) fn output_stands(kernel: &Kernel<'_>) -> bool {
    let mut errors = Errors::new();
    check_output(kernel, &mut errors);
    let known = |ty| {
        let names = Names::in_types(kernel.generics(), [ty]);
        types::is_nameable(ty) && kernel.field_names.cover(&names)
    };
    errors.into_result().is_ok() && kernel.output().is_none_or(known)
}

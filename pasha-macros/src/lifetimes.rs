//! Lifetimes of a parameter's type, written out: an `impl` header and a field have no elision.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{Lifetime, ParenthesizedGenericArguments, Type, TypeBareFn, TypeReference};

/// A lifetime with a name of ours.
pub(crate) fn named(name: &str) -> Lifetime {
    Lifetime::new(name, Span::call_site())
}

/// `ty` with each lifetime put to `choose`: elided ones (`&T`, `'_`) as `None`, named ones as
/// `Some`. `None` from `choose` leaves a lifetime as it stands.
///
/// What is elided in `fn(&T)` and `Fn(&T)` belongs to that signature and is left alone.
pub(crate) fn rewrite(ty: &Type, choose: impl FnMut(Option<&Lifetime>) -> Option<Lifetime>) -> Type {
    let mut ty = ty.clone();
    Rewrite { choose, in_signature: false }.visit_type_mut(&mut ty);
    ty
}

/// Whether a lifetime of `ty` is elided.
pub(crate) fn elides(ty: &Type) -> bool {
    let mut elides = false;
    rewrite(ty, |written| {
        elides |= written.is_none();
        None
    });
    elides
}

struct Rewrite<F> {
    choose: F,
    in_signature: bool,
}

impl<F: FnMut(Option<&Lifetime>) -> Option<Lifetime>> Rewrite<F> {
    fn elided(&mut self) -> Option<Lifetime> {
        if self.in_signature {
            return None;
        }
        (self.choose)(None)
    }

    fn signature(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_signature, true);
        visit(self);
        self.in_signature = outer;
    }
}

impl<F: FnMut(Option<&Lifetime>) -> Option<Lifetime>> VisitMut for Rewrite<F> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let chosen = if lifetime.ident == "_" { self.elided() } else { (self.choose)(Some(lifetime)) };
        if let Some(chosen) = chosen {
            *lifetime = chosen;
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        match &mut reference.lifetime {
            Some(lifetime) => self.visit_lifetime_mut(lifetime),
            elided => *elided = self.elided(),
        }
        self.visit_type_mut(&mut reference.elem);
    }

    fn visit_type_bare_fn_mut(&mut self, signature: &mut TypeBareFn) {
        self.signature(|this| visit_mut::visit_type_bare_fn_mut(this, signature));
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, signature: &mut ParenthesizedGenericArguments) {
        self.signature(|this| {
            visit_mut::visit_parenthesized_generic_arguments_mut(this, signature);
        });
    }
}

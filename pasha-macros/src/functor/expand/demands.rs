//! What the types of the fields have to be, said in where-clauses: there a wrong type is one error, at that type.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Path, Type, WherePredicate, parse_quote};

use super::Expansion;
use crate::functor::model::{Field, Part, Shape};
use crate::generics::{self, Names};
use crate::{crate_path, demand, types};

impl Expansion<'_, '_> {
    /// The predicates of the impls.
    pub(super) fn demands(&self) -> Vec<WherePredicate> {
        let p = parse_quote!(__p);
        let fields = self.source.fields().into_iter();
        let of_fields = fields.filter_map(|field| {
            let ty = self.demanding(field)?;
            Some(demand::loud(ty, &bound(ty, field.part(), &p)))
        });
        of_fields.chain(self.demands_of_choice()).collect()
    }

    /// The predicates of the item's struct, which names items of the fields.
    pub(super) fn demands_of_item(&self, field: &Field<'_>, in_item: &Type) -> Option<WherePredicate> {
        if !field.part().is_indexed() {
            return None;
        }
        let is_open = self.has_type_parameter(in_item);
        let ty = if is_open { Some(in_item).filter(|_| !self.is_said(field))? } else { self.demanding(field)? };
        Some(demand::loud(ty, &bound(ty, field.part(), &self.private)))
    }

    /// The type that has to be what the part of `field` needs, unless that is known or said.
    fn demanding<'f>(&self, field: &Field<'f>) -> Option<&'f Type> {
        let ty = field.ty();
        if self.has_type_parameter(ty) {
            return Some(ty).filter(|_| !self.is_said(field) && !self.has_collapsed_lifetime(field));
        }
        if field.part().is_indexed() && self.has_lent_variant() {
            return None;
        }
        let ty = types::behind_references(ty);
        Some(ty).filter(|ty| !types::may_borrow(ty) && !field.is_known())
    }

    /// Whether the user bounds the type of `field` already.
    fn is_said(&self, field: &Field<'_>) -> bool {
        let generics = &self.source.original.generics;
        matches!(field.part(), Part::Item) && generics::is_bounded(generics, field.ty(), "Functor")
    }

    /// Whether the field's lifetimes are the item's in the item. A predicate for such a type would
    /// hide from the compiler that its items are the same with either lifetime.
    fn has_collapsed_lifetime(&self, field: &Field<'_>) -> bool {
        let zipped = matches!(self.source.shape(), Shape::Zipped(_));
        zipped && Names::in_types(&self.source.original.generics, [field.ty()]).has_lifetimes()
    }

    pub(super) fn has_type_parameter(&self, ty: &Type) -> bool {
        Names::in_types(&self.source.original.generics, [ty]).has_types()
    }
}

fn bound(ty: &Type, part: Part, p: &Path) -> TokenStream {
    let span = types::end_of(ty);
    let p = crate_path::at(p, span);
    match part {
        Part::Item => quote_spanned!(span=> #p::Functor),
        Part::Along(_) => quote_spanned!(span=> #p::AxisFunctor),
        Part::Whole | Part::Single | Part::Nothing => quote_spanned!(span=> ::core::marker::Sync),
    }
}

//! The code written for a derived functor: its item, and the impls that make it one.

mod choice;
mod field;
mod item;
mod stand_in;
mod zipped;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, Path, Type, WherePredicate, parse_quote};

use super::model::{Field, Part, Shape, Source};
use crate::generics::{self, Names};
use crate::{crate_path, types};

/// The expansion; of a mistaken type, what keeps its uses from being reported as well.
pub(crate) fn source(source: &Source<'_>) -> TokenStream {
    let private = crate_path::private(source.options.krate.as_ref());
    let expansion = Expansion { source, private };
    match source.shape() {
        Shape::Transparent(field) => expansion.assemble(transparent(field)),
        Shape::Zipped(fields) => {
            let structure = expansion.item_struct(&fields);
            let impls = expansion.assemble(expansion.zipped(&fields));
            quote!(#structure #impls)
        }
        Shape::Choice(choices) => expansion.assemble(expansion.choice(&choices)),
        Shape::Mistaken => expansion.stand_in(),
    }
}

struct Expansion<'s, 'a> {
    source: &'s Source<'a>,
    /// `::pasha::__private`
    private: Path,
}

/// What differs between the shapes: the types and the bodies of the two impls.
struct Body {
    item: TokenStream,
    state: TokenStream,
    items: TokenStream,
    make_state: TokenStream,
    make_item: TokenStream,
}

impl Expansion<'_, '_> {
    fn assemble(&self, body: Body) -> TokenStream {
        let Body { item, state, items, make_state, make_item } = body;
        let (name, private) = (self.source.name(), &self.private);
        let (own_state, index) = (local("__state"), local("__index"));
        let mut generics = self.source.original.generics.clone();
        generics.make_where_clause().predicates.extend(self.predicates());
        let has_predicates = generics.where_clause.as_ref().is_some_and(|clause| !clause.predicates.is_empty());
        let allow = has_predicates.then(|| quote!(#[allow(trivial_bounds, unused_qualifications)]));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let mut with_item = generics.clone();
        with_item.params.insert(0, parse_quote!('__item));
        let (item_generics, _, _) = with_item.split_for_impl();
        quote! {
            #allow
            const _: () = {
                use #private as __p;
                #[automatically_derived]
                impl #item_generics __p::Items<'__item> for #name #ty_generics #where_clause {
                    type Item = #item;
                }
                #[automatically_derived]
                impl #impl_generics __p::Functor for #name #ty_generics #where_clause {
                    type State = #state;
                    fn items(&self) -> __p::Result<usize> {
                        #items
                    }
                    fn state(&self) -> __p::Result<Self::State> {
                        #make_state
                    }
                    #[inline]
                    fn item<'__a>(
                        &'__a self,
                        #own_state: &'__a mut Self::State,
                        #index: usize,
                    ) -> __p::Result<__p::Item<'__a, Self>> {
                        #make_item
                    }
                }
            };
        }
    }

    /// What the types of the fields must be: said of those that mention a type parameter, and of
    /// those that are not well known, because a wrong one is one error in a where-clause.
    fn predicates(&self) -> Vec<WherePredicate> {
        let fields = self.source.fields().into_iter().filter(|field| self.is_in_question(field));
        let of_fields = fields.map(|field| {
            let ty = field.ty();
            let span = types::end_of(ty);
            let p = Ident::new("__p", span);
            let predicate = match field.part() {
                Part::Item => quote_spanned!(span=> #ty: #p::Functor),
                Part::Along(_) => quote_spanned!(span=> #ty: #p::AxisFunctor + ::core::marker::Sync),
                Part::Whole | Part::Single | Part::Nothing => quote_spanned!(span=> #ty: ::core::marker::Sync),
            };
            parse_quote!(#predicate)
        });
        of_fields.chain(self.predicates_of_choice()).collect()
    }

    fn is_in_question(&self, field: &Field<'_>) -> bool {
        if self.has_type_parameter(field.ty()) {
            let generics = &self.source.original.generics;
            let is_said = matches!(field.part(), Part::Item) && generics::is_bounded(generics, field.ty(), "Functor");
            return !is_said && !self.has_collapsed_lifetime(field);
        }
        // The variants of an enum have to have one item, which a predicate would hide.
        let is_choice = matches!(self.source.shape(), Shape::Choice(_));
        let is_functor = matches!(field.part(), Part::Item);
        is_functor && !is_choice && !types::may_borrow(field.ty()) && !field.is_known_functor()
    }

    /// Whether the field's lifetimes are the item's in the item. A predicate for such a type would
    /// hide from the compiler that its items are the same with either lifetime.
    fn has_collapsed_lifetime(&self, field: &Field<'_>) -> bool {
        let zipped = matches!(self.source.shape(), Shape::Zipped(_));
        zipped && Names::in_types(&self.source.original.generics, [field.ty()]).has_lifetimes()
    }

    fn has_type_parameter(&self, ty: &Type) -> bool {
        Names::in_types(&self.source.original.generics, [ty]).has_types()
    }

    fn item_name(&self) -> Ident {
        let given = self.source.options.item.clone();
        given.unwrap_or_else(|| format_ident!("{}Item", self.source.name()))
    }
}

fn transparent(field: &Field<'_>) -> Body {
    let ty = field.ty();
    let place = field::of_self(field);
    let state = local("__state").into_token_stream();
    Body {
        item: quote!(__p::Item<'__item, #ty>),
        state: field::state_type(field),
        items: field::items(field, &place),
        make_state: field::state(field, &place),
        make_item: field::item(field, &place, state),
    }
}

/// A name that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

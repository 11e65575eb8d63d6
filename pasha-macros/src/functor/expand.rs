//! The code written for a derived functor: its item, and the impls that make it one.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Generics, Ident, Lifetime, Member, Path, Type, WherePredicate, parse_quote};

use super::model::{Field, Part, Shape, Source, Variant};
use crate::generics::{self, Names};
use crate::{crate_path, lifetimes};

/// The expansion; of a mistaken type, what keeps its uses from being reported as well.
pub(crate) fn source(source: &Source<'_>) -> TokenStream {
    let expansion = Expansion {
        source,
        private: crate_path::private(source.options.krate.as_ref()),
    };
    match source.shape() {
        Shape::Transparent(field) => {
            let ty = field.ty();
            let body = Body {
                item: quote!(__p::Item<'__item, #ty>),
                state: state_type(field),
                items: items_of(field, &of_self(field)),
                state_value: state_of(field, &of_self(field)),
                item_value: item_of(field, &of_self(field), local("__state").into_token_stream()),
            };
            expansion.assemble(TokenStream::new(), body, vec![])
        }
        Shape::Zipped(fields) => expansion.zipped(&fields),
        Shape::Choice(variants) => expansion.choice(&variants),
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
    state_value: TokenStream,
    item_value: TokenStream,
}

impl Expansion<'_, '_> {
    fn zipped(&self, fields: &[&Field<'_>]) -> TokenStream {
        let name = self.item_name();
        let (structure, item_generics) = self.item_struct(&name, fields);
        let (_, item_arguments, _) = item_generics.split_for_impl();
        let item = quote!(#name #item_arguments);
        let indexed = || fields.iter().filter(|field| field.part().is_indexed());
        let with_state = || fields.iter().filter(|f| matches!(f.part(), Part::Item));
        let states = with_state().map(|field| state_type(field));
        let state_values = with_state().map(|field| {
            let value = state_of(field, &of_self(field));
            quote!(#value?)
        });
        let counts = indexed().map(|field| {
            let text = text_of(&field.member);
            let count = items_of(field, &of_self(field));
            quote!((#text, #count?))
        });
        let mut used_states = 0_usize;
        let parts: Vec<_> = fields
            .iter()
            .enumerate()
            .map(|(position, field)| {
                let member = item_member(field, position);
                let place = of_self(field);
                let value = match field.part() {
                    Part::Item => {
                        let state = syn::Index::from(used_states);
                        used_states += 1;
                        let own_state = local("__state");
                        let value = item_of(field, &place, quote!(&mut #own_state.#state));
                        quote!(#value?)
                    }
                    Part::Along(_) => {
                        let value = item_of(field, &place, TokenStream::new());
                        quote!(#value?)
                    }
                    Part::Whole | Part::Nothing => place,
                };
                quote!(#member: #value)
            })
            .collect();
        let lasting: Vec<_> = fields
            .iter()
            .filter(|field| self.has_lifetime(field.ty()))
            .map(|field| field.ty())
            .collect();
        let body = Body {
            item,
            state: quote!((#(#states,)*)),
            items: quote!(__p::agree(&[#(#counts),*])),
            state_value: quote!(::core::result::Result::Ok((#(#state_values,)*))),
            item_value: quote!(::core::result::Result::Ok(#name { #(#parts),* })),
        };
        self.assemble(structure, body, lasting)
    }

    /// The struct that is the item, and its generics. All lifetimes become the item's: what the
    /// functor borrows outlives the functor, which outlives the item.
    fn item_struct(&self, name: &Ident, fields: &[&Field<'_>]) -> (TokenStream, Generics) {
        let item: Lifetime = lifetimes::named("'item");
        let original = self.source.original;
        let p = &self.private;
        let types: Vec<Type> = fields
            .iter()
            .map(|field| with_lifetime(field.ty(), &item))
            .collect();
        let names = Names::in_types(&original.generics, &types);
        let mut generics = generics::restrict(&original.generics, &names);
        let outlives: Vec<WherePredicate> = generics
            .type_params()
            .map(|param| {
                let ident = &param.ident;
                parse_quote!(#ident: #item)
            })
            .collect();
        let have_items = fields.iter().zip(&types).filter(|(field, ty)| {
            field.part().is_indexed() && self.has_type_parameter(ty)
        });
        let have_items = have_items.map(|(_, ty)| -> WherePredicate {
            parse_quote!(#ty: #p::Items<#item>)
        });
        let predicates: Vec<_> = outlives.into_iter().chain(have_items).collect();
        generics.make_where_clause().predicates.extend(predicates);
        generics.params.insert(0, parse_quote!(#item));

        let declared = fields.iter().zip(&types).map(|(field, ty)| {
            let span = mixed(field.ty());
            let docs = field_docs(field);
            let ty = match field.part() {
                Part::Whole => quote_spanned!(span=> &#item #ty),
                _ => quote_spanned!(span=> #p::Item<#item, #ty>),
            };
            match &field.member {
                Member::Named(name) => quote!(#docs pub #name: #ty),
                Member::Unnamed(_) => quote!(#docs pub #ty),
            }
        });
        let where_clause = &generics.where_clause;
        let is_named = fields.iter().any(|f| matches!(f.member, Member::Named(_)));
        let body = if is_named {
            quote!(#where_clause { #(#declared,)* })
        } else {
            quote!((#(#declared,)*) #where_clause;)
        };
        let vis = &original.vis;
        let doc = format!(" One item of `{}`.", self.source.name().unraw());
        let structure = quote! {
            #[doc = #doc]
            #[allow(dead_code, deprecated)]
            #vis struct #name #generics #body
        };
        let mut used = generics.clone();
        if let Some(first) = used.params.first_mut() {
            *first = parse_quote!('__item);
        }
        (structure, used)
    }

    fn choice(&self, variants: &[(&Variant<'_>, &Field<'_>)]) -> TokenStream {
        let functor = local("__functor");
        let arms = |value: &dyn Fn(usize, &Field<'_>) -> TokenStream| {
            let arms = variants.iter().enumerate().map(|(position, (variant, field))| {
                let pattern = variant_pattern(variant, field, &functor);
                let value = value(position, field);
                quote!(#pattern => #value,)
            });
            quote!(match self { #(#arms)* })
        };
        let place = quote!(#functor);
        let items = arms(&|_, field| items_of(field, &place));
        let state_value = arms(&|position, field| {
            let state = state_of(field, &place);
            let state = either(position, variants.len(), quote!(#state?));
            quote!(::core::result::Result::Ok(#state))
        });
        let (state, all_states) = (local("__own"), local("__state"));
        let own_arms = variants.iter().enumerate().map(|(position, (variant, field))| {
            let pattern = variant_pattern(variant, field, &functor);
            let state_pattern = either(position, variants.len(), quote!(#state));
            let value = item_of(field, &place, quote!(#state));
            quote!((#pattern, #state_pattern) => #value,)
        });
        let otherwise = (variants.len() > 1).then(|| quote!(_ => __p::state_of_another_variant(),));
        let states = variants.iter().map(|(_, field)| state_type(field));
        let states: Vec<_> = states.collect();
        let (last, others) = states.split_last().expect("a choice has variants");
        let state = others.iter().rfold(last.clone(), |rest, first| {
            quote!(__p::Either<#first, #rest>)
        });
        let (_, first) = variants[0];
        let ty = first.ty();
        let body = Body {
            item: quote!(__p::Item<'__item, #ty>),
            state,
            items,
            state_value,
            item_value: quote!(match (self, #all_states) { #(#own_arms)* #otherwise }),
        };
        self.assemble(TokenStream::new(), body, vec![])
    }

    /// `unbounded` are types of fields that no predicate can be written for: with one, the
    /// compiler no longer sees that their items do not depend on the lifetimes.
    fn assemble(&self, structure: TokenStream, body: Body, unbounded: Vec<&Type>) -> TokenStream {
        let Body {
            item,
            state,
            items,
            state_value,
            item_value,
        } = body;
        let name = self.source.name();
        let private = &self.private;
        let (own_state, index) = (local("__state"), local("__index"));
        let mut generics = self.source.original.generics.clone();
        let predicates = self.predicates(&unbounded);
        generics.make_where_clause().predicates.extend(predicates);
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let mut with_item = generics.clone();
        with_item.params.insert(0, parse_quote!('__item));
        let (item_generics, _, _) = with_item.split_for_impl();
        quote! {
            #structure

            #[allow(deprecated, clippy::type_complexity)]
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
                        #state_value
                    }
                    #[inline]
                    fn item<'__a>(
                        &'__a self,
                        #own_state: &'__a mut Self::State,
                        #index: usize,
                    ) -> __p::Result<__p::Item<'__a, Self>> {
                        #item_value
                    }
                }
            };
        }
    }

    /// What the fields' types must be for the type parameters in them.
    fn predicates(&self, unbounded: &[&Type]) -> Vec<WherePredicate> {
        let mut predicates = Vec::new();
        for field in self.source.fields() {
            let ty = field.ty();
            if !self.has_type_parameter(ty) || unbounded.iter().any(|u| std::ptr::eq(*u, ty)) {
                continue;
            }
            predicates.push(match field.part() {
                Part::Item => parse_quote!(#ty: __p::Functor),
                Part::Along(_) => parse_quote!(#ty: __p::AxisFunctor + ::core::marker::Sync),
                Part::Whole | Part::Nothing => parse_quote!(#ty: ::core::marker::Sync),
            });
        }
        if let Shape::Choice(variants) = self.source.shape()
            && let [(_, first), others @ ..] = variants.as_slice()
        {
            let first = first.ty();
            for (_, other) in others {
                let other = other.ty();
                if self.has_type_parameter(first) || self.has_type_parameter(other) {
                    predicates.push(parse_quote! {
                        #other: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, #first>>
                    });
                }
            }
        }
        predicates
    }

    fn stand_in(&self) -> TokenStream {
        let original = self.source.original;
        let (name, vis) = (self.source.name(), &original.vis);
        let private = &self.private;
        let mut generics = original.generics.clone();
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(Self: ::core::marker::Sync));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let item = self.item_name();
        quote! {
            #[allow(missing_docs, dead_code)]
            #vis struct #item<'item>(::core::marker::PhantomData<&'item ()>);

            const _: () = {
                use #private as __p;
                impl #impl_generics __p::Items<'_> for #name #ty_generics #where_clause {
                    type Item = ();
                }
                impl #impl_generics __p::Functor for #name #ty_generics #where_clause {
                    type State = ();
                    fn items(&self) -> __p::Result<usize> {
                        loop {}
                    }
                    fn state(&self) -> __p::Result<()> {
                        loop {}
                    }
                    fn item<'__a>(&'__a self, _: &'__a mut (), _: usize) -> __p::Result<()> {
                        loop {}
                    }
                }
            };
        }
    }

    fn item_name(&self) -> Ident {
        let given = self.source.options.item.clone();
        given.unwrap_or_else(|| format_ident!("{}Item", self.source.name()))
    }

    fn has_type_parameter(&self, ty: &Type) -> bool {
        Names::in_types(&self.source.original.generics, [ty]).has_types()
    }

    fn has_lifetime(&self, ty: &Type) -> bool {
        Names::in_types(&self.source.original.generics, [ty]).has_lifetimes()
    }
}

/// A type that has the lifetime of the item wherever it has one of its own.
fn with_lifetime(ty: &Type, item: &Lifetime) -> Type {
    lifetimes::rewrite(ty, |written| match written {
        Some(lifetime) if lifetime.ident == "static" => None,
        _ => Some(item.clone()),
    })
}

fn state_type(field: &Field<'_>) -> TokenStream {
    let ty = field.ty();
    match field.part() {
        Part::Along(_) => quote!(()),
        _ => {
            let (span, p) = placed(field);
            quote_spanned!(span=> <#ty as #p::Functor>::State)
        }
    }
}

/// The field's number of items, as a result.
fn items_of(field: &Field<'_>, place: &TokenStream) -> TokenStream {
    let ty = field.ty();
    let (span, p) = placed(field);
    match field.part() {
        Part::Along(axis) => {
            quote_spanned!(span=> <#ty as #p::AxisFunctor>::items_along(#place, #axis))
        }
        _ => quote_spanned!(span=> <#ty as #p::Functor>::items(#place)),
    }
}

/// The field's state, as a result.
fn state_of(field: &Field<'_>, place: &TokenStream) -> TokenStream {
    let ty = field.ty();
    let (span, p) = placed(field);
    match field.part() {
        Part::Along(_) => quote!(::core::result::Result::Ok(())),
        _ => quote_spanned!(span=> <#ty as #p::Functor>::state(#place)),
    }
}

/// The field's item, as a result.
fn item_of(field: &Field<'_>, place: &TokenStream, state: TokenStream) -> TokenStream {
    let ty = field.ty();
    let (span, p) = placed(field);
    match field.part() {
        Part::Along(axis) => {
            quote_spanned!(span=> <#ty as #p::AxisFunctor>::item_along(#place, #axis, __index))
        }
        _ => quote_spanned!(span=> <#ty as #p::Functor>::item(#place, #state, __index)),
    }
}

/// `Either::B(Either::A(inner))` for the second of three.
fn either(position: usize, of: usize, inner: TokenStream) -> TokenStream {
    let innermost = if position + 1 == of {
        inner
    } else {
        quote!(__p::Either::A(#inner))
    };
    (0..position).fold(innermost, |inner, _| quote!(__p::Either::B(#inner)))
}

fn variant_pattern(variant: &Variant<'_>, field: &Field<'_>, name: &Ident) -> TokenStream {
    let variant = &variant.original.ident;
    let member = &field.member;
    quote!(Self::#variant { #member: #name, .. })
}

fn of_self(field: &Field<'_>) -> TokenStream {
    let member = &field.member;
    quote!(&self.#member)
}

/// The field's name in the item: skipped fields leave no gap in a tuple.
fn item_member(field: &Field<'_>, position: usize) -> Member {
    match &field.member {
        Member::Named(name) => name.clone().into(),
        Member::Unnamed(_) => syn::Index::from(position).into(),
    }
}

fn text_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn field_docs(field: &Field<'_>) -> TokenStream {
    let mut docs = field.docs().peekable();
    if docs.peek().is_some() {
        return quote!(#(#docs)*);
    }
    let name = text_of(&field.member);
    let doc = match field.part() {
        Part::Whole => format!(" All of `{name}`, the same with every item."),
        _ => format!(" The item of `{name}`."),
    };
    quote!(#[doc = #doc])
}

fn mixed(place: impl ToTokens) -> Span {
    Span::mixed_site().located_at(place.span())
}

/// A name that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The place of a field's type, and our module there.
fn placed(field: &Field<'_>) -> (Span, Ident) {
    let span = mixed(field.ty());
    (span, Ident::new("__p", span))
}

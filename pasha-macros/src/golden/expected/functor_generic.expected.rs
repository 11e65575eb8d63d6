/// One item of `Generic`.
#[allow(dead_code, missing_debug_implementations)]
struct GenericItem<'item, F: Functor, T, const N: usize>
where
    F: 'item,
    T: 'item,
    [T; N]: ::pasha::__private::Functor,
    &'item [T]: ::pasha::__private::Functor,
{
    /// The item of `inner`.
    pub inner: ::pasha::__private::Item<'item, F>,
    /// The item of `values`.
    pub values: ::pasha::__private::Item<'item, [T; N]>,
    /// The item of `borrowed`.
    pub borrowed: ::pasha::__private::Item<'item, &'item [T]>,
}
#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[automatically_derived]
    impl<'__item, 'a, F: Functor, T, U, const N: usize> __p::Items<'__item>
    for Generic<'a, F, T, U, N>
    where
        T: Sync + 'a,
        [T; N]: __p::Functor,
        PhantomData<U>: ::core::marker::Sync,
    {
        type Item = GenericItem<'__item, F, T, N>;
    }
    #[automatically_derived]
    impl<'a, F: Functor, T, U, const N: usize> __p::Functor for Generic<'a, F, T, U, N>
    where
        T: Sync + 'a,
        [T; N]: __p::Functor,
        PhantomData<U>: ::core::marker::Sync,
    {
        type State = (
            <F as __p::Functor>::State,
            <[T; N] as __p::Functor>::State,
            <&'a [T] as __p::Functor>::State,
        );
        fn items(&self) -> __p::Result<usize> {
            __p::agree(
                &[
                    ("inner", __p::Functor::items(&self.inner)?),
                    ("values", __p::Functor::items(&self.values)?),
                    ("borrowed", __p::Functor::items(&self.borrowed)?),
                ],
            )
        }
        fn state(&self) -> __p::Result<Self::State> {
            ::core::result::Result::Ok((
                __p::Functor::state(&self.inner)?,
                __p::Functor::state(&self.values)?,
                __p::Functor::state(&self.borrowed)?,
            ))
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            ::core::result::Result::Ok(GenericItem {
                inner: __p::Functor::item(&self.inner, &mut __state.0, __index)?,
                values: __p::Functor::item(&self.values, &mut __state.1, __index)?,
                borrowed: __p::Functor::item(&self.borrowed, &mut __state.2, __index)?,
            })
        }
        #[inline]
        fn visit(
            &self,
            __state: &mut Self::State,
            __share: ::core::ops::Range<usize>,
            mut __each: impl for<'__a> ::core::ops::FnMut(
                __p::Item<'__a, Self>,
            ) -> ::core::ops::ControlFlow<()>,
        ) -> __p::Result<()> {
            let __fields = (&self.inner, &self.values, &self.borrowed);
            for __index in __share {
                if __each(GenericItem {
                        inner: __p::Functor::item(&__fields.0, &mut __state.0, __index)?,
                        values: __p::Functor::item(
                            &__fields.1,
                            &mut __state.1,
                            __index,
                        )?,
                        borrowed: __p::Functor::item(
                            &__fields.2,
                            &mut __state.2,
                            __index,
                        )?,
                    })
                    .is_break()
                {
                    break;
                }
            }
            ::core::result::Result::Ok(())
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self { inner: __0, values: __1, borrowed: __2, mark: __3 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(
                            __parcel,
                            (
                                __p::Part(__0),
                                (
                                    __p::Part(__1),
                                    (
                                        __p::Part(__2),
                                        (__p::Rest("mark", __p::Way::of(__3).find(), __3), ()),
                                    ),
                                ),
                            ),
                        )?;
                    unsafe {
                        __parcel
                            .build(
                                __sent,
                                |(__0, (__1, (__2, (__3, ()))))| Self {
                                    inner: __0,
                                    values: __1,
                                    borrowed: __2,
                                    mark: __3,
                                },
                            )
                    }
                }
            }
        }
        fn pack_boxed(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<::std::boxed::Box<Self>>> {
            __p::boxed(self, __parcel)
        }
    }
};

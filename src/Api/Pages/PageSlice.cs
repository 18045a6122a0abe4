using Microsoft.AspNetCore.Html;
using RazorSlices;

namespace SessionCluster.Api.Pages;

/// <summary>A part of a page.</summary>
internal abstract class PartSlice<T> : RazorSlice<T>
{
    /// <summary>An icon of the one file of icons. It says nothing by itself: words stand beside it.</summary>
    /// <param name="name">The icon's name, a constant.</param>
    protected static HtmlString Icon(string name) => Markup.Icon(name);
}

/// <summary>A whole page in its frame.</summary>
internal abstract class PageSlice<T> : PartSlice<T>, IUsesLayout<Layout, Frame>
    where T : IPageModel
{
    public Frame LayoutModel => Model.Frame;
}

/// <summary>Pieces of markup that are used everywhere.</summary>
internal static class Markup
{
    private static readonly string Icons = PageAssets.Url("icons.svg");

    /// <summary>An icon.</summary>
    public static HtmlString Icon(string name) => new($"""<svg class="icon" aria-hidden="true"><use href="{Icons}#{name}"/></svg>""");
}

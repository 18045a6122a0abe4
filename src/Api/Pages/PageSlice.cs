using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using RazorSlices;

namespace SessionCluster.Api.Pages;

internal abstract class PartSlice<T> : RazorSlice<T>
{
    /// <summary>An icon of the one file of icons. It says nothing by itself: words stand beside it.</summary>
    /// <param name="name">The icon's name, a constant.</param>
    protected static HtmlString Icon(string name) => Markup.Icon(name);

    /// <summary>A text in which what stands between grave accents is code.</summary>
    protected static HtmlString WithCode(string text) => Markup.WithCode(text);
}

internal abstract class PageSlice<T> : PartSlice<T>, IUsesLayout<Layout, Frame>
    where T : IPageModel
{
    public Frame LayoutModel => Model.Frame;
}

/// <summary>Pieces of markup that are used everywhere.</summary>
internal static class Markup
{
    private static readonly string Icons = PageAssets.Url("icons.svg");

    public static HtmlString Icon(string name) => new($"""<svg class="icon" aria-hidden="true"><use href="{Icons}#{name}"/></svg>""");

    /// <summary>A text in which what stands between grave accents is code.</summary>
    public static HtmlString WithCode(string text) => new(string.Concat(text.Split('`').Select(static (part, index) =>
        index % 2 == 0 ? HtmlEncoder.Default.Encode(part) : $"<code>{HtmlEncoder.Default.Encode(part)}</code>")));
}

/// <summary>A dialog that asks before something is done: "Delete stage x?".</summary>
/// <param name="AsksReason">Whether it takes a reason, too.</param>
public sealed record ConfirmModel(string Id, string Question, string Name, string Text, string Action, string No, string Yes, bool AsksReason = false);

using System.Text.Json;
using SessionCluster.Api.Answers;

namespace SessionCluster.Api.Paging;

/// <summary>Answers with a page: pagination, results, and authentik's empty autocomplete.</summary>
internal static class PageAnswer
{
    /// <summary>Writes the page, or a 404 when it is past the end of the list.</summary>
    public static Task Write<T>(
        HttpContext context, PageRequest page, int count, IEnumerable<T> rows, Action<Utf8JsonWriter, T> writeRow)
    {
        return page.IsWithin(count)
            ? JsonAnswer.Write(context, StatusCodes.Status200OK, (page, count, rows, writeRow), Fill)
            : PageRequest.NoSuchPage(context);
    }

    /// <summary>Writes the page out of a whole list.</summary>
    public static Task WriteSlice<T>(
        HttpContext context, PageRequest page, IReadOnlyCollection<T> all, Action<Utf8JsonWriter, T> writeRow) =>
        Write(context, page, all.Count, all.Skip(page.Offset).Take(page.Size), writeRow);

    private static void Fill<T>(
        Utf8JsonWriter writer, (PageRequest Page, int Count, IEnumerable<T> Rows, Action<Utf8JsonWriter, T> WriteRow) state)
    {
        writer.WriteStartObject();
        state.Page.WritePagination(writer, state.Count);
        writer.WriteStartArray("results"u8);
        foreach (var row in state.Rows)
        {
            state.WriteRow(writer, row);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("autocomplete"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

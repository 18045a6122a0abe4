using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SessionCluster.Api.Input;
using SessionCluster.Api.Paging;

namespace SessionCluster.Api.Tests.Paging;

public sealed class PageRequestTests
{
    private static QueryCollection Query(string? page, string? size)
    {
        var query = new Dictionary<string, StringValues>();
        if (page is not null)
        {
            query["page"] = page;
        }

        if (size is not null)
        {
            query["page_size"] = size;
        }

        return new QueryCollection(query);
    }

    [Theory]
    [InlineData(null, null, 1, 20, 0)]
    [InlineData("1", "100", 1, 100, 0)]
    [InlineData("3", "101", 3, 100, 200)]
    [InlineData("2", "9999999999", 2, 100, 100)]
    [InlineData("2", "1", 2, 1, 1)]
    public void A_page_has_a_number_and_a_capped_size(string? page, string? size, int number, int capped, int offset)
    {
        var errors = new FieldErrors();
        var request = PageRequest.Read(Query(page, size), errors)!.Value;
        Assert.Equal((number, capped, offset), (request.Number, request.Size, request.Offset));
        Assert.False(errors.Any);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("last")]
    [InlineData("1.5")]
    [InlineData("2147483647")]
    [InlineData("99999999999999999999")]
    public void There_is_no_such_page(string page) => Assert.Null(PageRequest.Read(Query(page, null), new FieldErrors()));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    public void A_faulty_size_is_an_error(string size)
    {
        var errors = new FieldErrors();
        PageRequest.Read(Query(null, size), errors);
        Assert.NotEmpty(errors.Of("page_size"));
    }

    [Theory]
    [InlineData(1, 20, 0, """{"next":0,"previous":0,"count":0,"current":1,"total_pages":1,"start_index":0,"end_index":0}""")]
    [InlineData(1, 20, 20, """{"next":0,"previous":0,"count":20,"current":1,"total_pages":1,"start_index":1,"end_index":20}""")]
    [InlineData(1, 20, 21, """{"next":2,"previous":0,"count":21,"current":1,"total_pages":2,"start_index":1,"end_index":20}""")]
    [InlineData(2, 20, 21, """{"next":0,"previous":1,"count":21,"current":2,"total_pages":2,"start_index":21,"end_index":21}""")]
    [InlineData(2, 1, 3, """{"next":3,"previous":1,"count":3,"current":2,"total_pages":3,"start_index":2,"end_index":2}""")]
    public void The_pagination_object_counts_as_authentik_does(int number, int size, int count, string expected)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            new PageRequest(number, size).WritePagination(writer, count);
            writer.WriteEndObject();
        }

        Assert.Equal($$"""{"pagination":{{expected}}}""", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(2, 20, false)]
    [InlineData(2, 21, true)]
    public void A_page_is_within_the_list_or_not(int number, int count, bool within) =>
        Assert.Equal(within, new PageRequest(number, 20).IsWithin(count));
}

using System.Text;
using SessionCluster.Api.Input;

namespace SessionCluster.Api.Tests.Input;

public sealed class BodyReaderTests
{
    private static BodyReader Parse(string text)
    {
        var body = new BodyReader(Encoding.UTF8.GetBytes(text));
        Assert.Null(body.Parse());
        return body;
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":{\"b\":1,\"\\u0062\":2}}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{} {}")]
    public void What_is_no_json_object_is_refused(string text)
    {
        using var body = new BodyReader(Encoding.UTF8.GetBytes(text));
        Assert.NotNull(body.Parse());
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        using var body = new BodyReader(new byte[] { (byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'1', (byte)'}' });
        Assert.NotNull(body.Parse());
    }

    [Theory]
    [InlineData(BodyReader.MaxDepth, true)]
    [InlineData(BodyReader.MaxDepth + 1, false)]
    public void Depth_is_bounded(int depth, bool accepted)
    {
        var text = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        using var body = new BodyReader(Encoding.UTF8.GetBytes(text));
        Assert.Equal(accepted, body.Parse() is null);
    }

    [Theory]
    [InlineData("""{"a":"x\u0000y"}""", "a")]
    [InlineData("""{"a":{"b":{"c":["\u0000"]}}}""", "a.b.c")]
    [InlineData("""{"a":{"x\u0000":1}}""", "a")]
    [InlineData("""{"\u0000":1}""", FieldErrors.NoField)]
    [InlineData("""{"a":"\ud800"}""", "a")]
    [InlineData("""{"a":"\udc00\ud800"}""", "a")]
    public void Text_that_nothing_can_store_is_an_error_of_its_field(string text, string field)
    {
        using var body = Parse(text);
        Assert.NotEmpty(body.Errors.Of(field));
    }

    [Theory]
    [InlineData("""{"a":"\\u0000"}""")]
    [InlineData("""{"a":"\u0001 \ud83d\ude00 \u00e9"}""")]
    public void Text_that_only_looks_so_is_accepted(string text)
    {
        using var body = Parse(text);
        Assert.False(body.Errors.Any);
    }

    [Fact]
    public void Every_fault_is_noted_under_its_field()
    {
        using var body = Parse("""{"number":5,"null":null,"long":"12345","flag":"yes","object":[],"inner":{"deep":7}}""");
        body.Root.Text("missing", 10);
        body.Root.Text("number", 10);
        body.Root.Text("null", 10);
        body.Root.Text("long", 4);
        body.Root.Flag("flag", fallback: false);
        body.Root.OptionalObject("object");
        body.Root.OptionalObject("inner")!.Value.Text("deep", 10);
        foreach (var field in new[] { "missing", "number", "null", "long", "flag", "object", "inner.deep" })
        {
            Assert.Single(body.Errors.Of(field));
        }
    }

    [Fact]
    public void Absent_and_null_members_read_as_told()
    {
        using var body = Parse("""{"null":null,"exact":"1234"}""");
        Assert.Null(body.Root.OptionalText("null", 10));
        Assert.Null(body.Root.OptionalText("absent", 10));
        Assert.Equal("fallback", body.Root.Text("absent", 10, "fallback"));
        Assert.Equal("1234", body.Root.Text("exact", 4));
        Assert.Null(body.Root.OptionalFlag("null"));
        Assert.True(body.Root.Flag("absent", fallback: true));
        Assert.Null(body.Root.OptionalObject("null"));
        Assert.True(body.Root.Has("null"));
        Assert.False(body.Root.Has("absent"));
        Assert.False(body.Errors.Any);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void Raw_json_has_a_bound_in_bytes(int bytes, bool accepted)
    {
        using var body = Parse($$"""{"data":"{{new string('x', bytes - 2)}}"}""");
        Assert.Equal(accepted, body.Root.Json("data", 10) is not null);
        Assert.Equal(!accepted, body.Errors.Any);
    }
}

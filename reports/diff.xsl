<?xml version="1.0" encoding="UTF-8"?>
<!-- What differs between two digests, from the tree that archive/diff_html.c builds. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:param name="css"/>

<xsl:template match="/diff"><xsl:variable name="name" select="concat(@title, ': ', @from, ' and ', @to)"/>
<html lang="{@lang}">
<head><meta name="viewport" content="width=device-width,initial-scale=1"/>
<title><xsl:value-of select="$name"/></title>
<meta name="color-scheme" content="light dark"/><meta name="robots" content="noindex"/><meta name="generator" content="{@generator}"/>
<style><xsl:value-of select="$css"/></style></head>
<body><a class="skip" href="#main">Skip to main content</a>
<div class="wrap"><header class="mast"><p class="kick"><span>What differs between two weekly digests</span><span>For <xsl:value-of select="@audience"/></span></p>
<h1><xsl:value-of select="$name"/></h1></header>
<main id="main">
<xsl:if test="@same"><p>Nothing differs.</p></xsl:if>
<xsl:apply-templates select="verdict"/>
<xsl:if test="number"><section aria-labelledby="numbers"><h2 id="numbers">Numbers</h2><table class="keep">
<caption><xsl:value-of select="count(number)"/> differ</caption>
<thead><tr><th scope="col">Number</th><th scope="col" class="nu"><xsl:value-of select="@from"/></th><th scope="col" class="nu"><xsl:value-of select="@to"/></th></tr></thead>
<tbody><xsl:for-each select="number"><tr><th scope="row"><code><xsl:value-of select="@id"/></code></th><td class="nu"><xsl:value-of select="@from"/></td><td class="nu"><xsl:value-of select="@to"/></td></tr></xsl:for-each></tbody></table></section></xsl:if>
<xsl:if test="source"><section aria-labelledby="sources"><h2 id="sources">What was collected</h2><table class="keep">
<caption><xsl:value-of select="count(source)"/> differ</caption>
<thead><tr><th scope="col">Source</th><th scope="col"><xsl:value-of select="@from"/></th><th scope="col"><xsl:value-of select="@to"/></th></tr></thead>
<tbody><xsl:for-each select="source"><tr><th scope="row"><xsl:value-of select="@name"/></th><td><xsl:value-of select="@from"/></td><td><xsl:value-of select="@to"/></td></tr></xsl:for-each></tbody></table></section></xsl:if>
<xsl:if test="item"><section aria-labelledby="items"><h2 id="items">Items</h2>
<xsl:call-template name="items"><xsl:with-param name="list" select="item[@change='added']"/><xsl:with-param name="caption" select="concat('Only in ', @to)"/></xsl:call-template>
<xsl:call-template name="items"><xsl:with-param name="list" select="item[@change='removed']"/><xsl:with-param name="caption" select="concat('Only in ', @from)"/></xsl:call-template>
<xsl:call-template name="items"><xsl:with-param name="list" select="item[@change='changed']"/><xsl:with-param name="caption" select="'In both, changed'"/></xsl:call-template>
</section></xsl:if></main>
<footer><p><xsl:value-of select="@generator"/></p></footer></div></body></html>
</xsl:template>

<xsl:template match="verdict"><section aria-labelledby="verdict"><h2 id="verdict">In one sentence</h2>
<dl class="defs"><dt><xsl:value-of select="../@from"/></dt><dd><xsl:value-of select="@from"/></dd><dt><xsl:value-of select="../@to"/></dt><dd><xsl:value-of select="@to"/></dd></dl></section></xsl:template>

<xsl:template name="items"><xsl:param name="list"/><xsl:param name="caption"/><xsl:if test="$list"><table class="keep">
<caption><xsl:value-of select="concat($caption, ': ', count($list))"/></caption>
<thead><tr><th scope="col">Item</th><th scope="col">Section</th><th scope="col">Kind</th><th scope="col" class="lo">Owner</th></tr></thead>
<tbody><xsl:for-each select="$list"><tr><th scope="row"><xsl:choose><xsl:when test="@href"><a href="{@href}"><xsl:value-of select="@title"/></a></xsl:when><xsl:otherwise><xsl:value-of select="@title"/></xsl:otherwise></xsl:choose>
<xsl:if test="@what != ''"><span class="s"><xsl:value-of select="@what"/></span></xsl:if></th>
<td><xsl:value-of select="@section"/></td><td><xsl:value-of select="@kind"/><xsl:if test="@set-aside"><span class="s">set aside: <xsl:value-of select="@set-aside"/></span></xsl:if></td><td class="lo"><xsl:choose><xsl:when test="@owner"><xsl:value-of select="@owner"/></xsl:when><xsl:otherwise>no owner</xsl:otherwise></xsl:choose></td></tr></xsl:for-each></tbody></table></xsl:if></xsl:template>
</xsl:stylesheet>
